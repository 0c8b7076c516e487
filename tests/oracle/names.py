# SPDX-FileCopyrightText: Giverny contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Names of the weights in both worlds: diffusers' and transformers' folders, and the single files of
the original latent diffusion code (Rombach et al. 2022), for U-Nets of Stable Diffusion 1's kind."""

UNET_RES = {
    "norm1": "in_layers.0",
    "conv1": "in_layers.2",
    "time_emb_proj": "emb_layers.1",
    "norm2": "out_layers.0",
    "conv2": "out_layers.3",
    "conv_shortcut": "skip_connection",
}

UNET_ENDS = {
    "time_embedding.linear_1": "time_embed.0",
    "time_embedding.linear_2": "time_embed.2",
    "conv_in": "input_blocks.0.0",
    "conv_norm_out": "out.0",
    "conv_out": "out.2",
}

VAE_ATTENTION = {"group_norm": "norm", "to_q": "q", "to_k": "k", "to_v": "v", "to_out.0": "proj_out"}

PREFIX = {
    "text_encoder": "cond_stage_model.transformer.text_model.",
    "unet": "model.diffusion_model.",
    "vae": "first_stage_model.",
}


def _split_leaf(name):
    stem, leaf = name.rsplit(".", 1)
    return stem, "." + leaf


def _res(rest):
    return UNET_RES[rest]


def unet_to_single(name, layers, with_attention):
    """`with_attention`: indices of the up blocks that have attentions; `layers`: res blocks a level."""
    stem, leaf = _split_leaf(name)
    if stem in UNET_ENDS:
        return UNET_ENDS[stem] + leaf
    part = stem.split(".")
    if part[0] == "mid_block":
        if part[1] == "attentions":
            return f"middle_block.1.{'.'.join(part[3:])}{leaf}"
        return f"middle_block.{2 * int(part[2])}.{_res('.'.join(part[3:]))}{leaf}"
    block, kind, index, rest = int(part[1]), part[2], int(part[3]), ".".join(part[4:])
    if part[0] == "down_blocks":
        first = 1 + block * (layers + 1)
        if kind == "downsamplers":
            return f"input_blocks.{first + layers}.0.op{leaf}"
        if kind == "attentions":
            return f"input_blocks.{first + index}.1.{rest}{leaf}"
        return f"input_blocks.{first + index}.0.{_res(rest)}{leaf}"
    first = block * (layers + 1)
    if kind == "upsamplers":
        return f"output_blocks.{first + layers}.{2 if block in with_attention else 1}.conv{leaf}"
    if kind == "attentions":
        return f"output_blocks.{first + index}.1.{rest}{leaf}"
    return f"output_blocks.{first + index}.0.{_res(rest)}{leaf}"


def vae_to_single(name, levels):
    """The decoder's levels count from the picture's side in single files, so they are reversed."""
    stem, leaf = _split_leaf(name)
    part = stem.split(".")
    if part[0] in ("quant_conv", "post_quant_conv"):
        return name
    side, kind = part[0], part[1]
    if kind == "conv_norm_out":
        return f"{side}.norm_out{leaf}"
    if kind in ("conv_in", "conv_out"):
        return name
    if kind == "mid_block":
        rest = ".".join(part[4:])
        if part[2] == "attentions":
            return f"{side}.mid.attn_1.{VAE_ATTENTION[rest]}{leaf}"
        return f"{side}.mid.block_{int(part[3]) + 1}.{rest.replace('conv_shortcut', 'nin_shortcut')}{leaf}"
    level, index = int(part[2]), part[4]
    rest = ".".join(part[5:]).replace("conv_shortcut", "nin_shortcut")
    where = f"down.{level}" if kind == "down_blocks" else f"up.{levels - 1 - level}"
    if part[3] == "downsamplers":
        return f"{side}.{where}.downsample.conv{leaf}"
    if part[3] == "upsamplers":
        return f"{side}.{where}.upsample.conv{leaf}"
    return f"{side}.{where}.block.{index}.{rest}{leaf}"


def to_single(part, name, layers=2, with_attention=(1, 2, 3), levels=4):
    """The single file's full name of a folder's tensor (text encoder: without "text_model.")."""
    if part == "unet":
        name = unet_to_single(name, layers, with_attention)
    elif part == "vae":
        name = vae_to_single(name, levels)
    return PREFIX[part] + name


def single_shape(part, name, shape):
    """Single files hold the VAE's attention and the U-Net's projections as 1 × 1 convolutions."""
    stem = name.rsplit(".", 1)[0]
    if part == "vae" and ".attentions." in name and stem.split("attentions.0.")[1] in VAE_ATTENTION:
        if len(shape) == 2:
            return (*shape, 1, 1)
    if part == "unet" and stem.endswith((".proj_in", ".proj_out")) and len(shape) == 2:
        return (*shape, 1, 1)
    return tuple(shape)
