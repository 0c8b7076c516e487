# SPDX-FileCopyrightText: Giverny contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Writes tests/fixtures/text: what texts, prompt weights and chunks must come out as.

    make_text.py

Token ids are those of transformers' CLIPTokenizer (the tokenizers library inside), once with CLIP's own
vocabulary and once with a small one that lacks many symbols.  Weights and chunks are worked out here a
second time, by recursion and without care for speed.  Packages: requirements.txt.
"""

import gzip
import json
import math
import pathlib
import random
import shutil
import tempfile
import unicodedata

from transformers import CLIPTokenizer

ROOT = pathlib.Path(__file__).resolve().parents[2]
OUT = ROOT / "tests/fixtures/text"
START, END = "<|startoftext|>", "<|endoftext|>"

TEXTS = """a red boat on a lake at sunset
Impressionist painting of Water Lilies, oil on canvas, 4k, best quality!!!
the lake's they're I'm don't we've he'll she'd IT'S 'twas rock'n'roll ''s 's' '
 spaces  in\tthe \n middle\r\nand at the end \u3000
no\u00a0break\u2003wide\u3000ideographic\u0085next\u2028line\u205fmath\u1680ogham\u202fnarrow
not\u200bspaces\ufeffat\u180eall\x1c\x1d\x1e\x1f
1234567890 3.14 x2 ½ ² Ⅷ ① ٣ ３ 𝟘
(masterpiece:1.2), [best] {a|b} <lora:x:1> a_b C++ C# & @user #tag 100% $5 €5 ~ ^ º ª `` ’s ‘s “q” …—–
수련이 핀 연못 위의 다리, 인상주의
\u1112\u1161\u11ab\u1100\u116e\u11a8 한국 가\u0301 \u1100\u1161\u11a8
日本語の睡蓮 北京 ﾊﾝｶｸ ￥
🌸🌸 👩\u200d🎨 🇰🇷 ❤\ufe0f 🏳\ufe0f\u200d🌈
naïve café e\u0301le\u0300ve A\u030a Å \u212b ﬁ ﬃ ǅ ß ẞ STRASSE straße
İstanbul ıI Iİ ΣΊΣΥΦΟΣ ὈΔΥΣΣΕΎΣ Σ ς ᾳ ᾼ ΐ
a\u0305\u0301 a\u0323\u0307 a\u0307\u0323 q\u0307\u0323 \u1e9b\u0323 \u0344 \u0f73 \u0958 \u2adc 𝅗𝅥 >\u0338 |\u0338
Ⴀ ა Ა Ꭰ ꭰ Ａａ Ⅷⅷ Ⓐⓐ 𐐀 𞤀 Ǳ ǲ ǳ
<|startoftext|> typed <|endoftext|>and<|endoftext|><|endoftext|>
<|STARTOFTEXT|> in capitals <|EndOfText|>!
<|endoftext|>\u0338 <|endoftext <|startoftext| endoftext|> <||>
לִילִי זְרִיחָה ٱلشَّمْسُ हिन्दी ไทย தமிழ்
pneumonoultramicroscopicsilicovolcanoconiosis aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa
--- ... !!! ?!?! ,,, ;;; ::: *** ___ +++ === ~~~ \\\\ /// ||| ((())) [[[]]]
\x01\x02\x07\x08\x0e\x7f\x80\x9f
""".split("\n")

PROMPTS = r"""a red boat
(a red boat)
((a)) b
(((a)))
a (b) c
(a:1.5)
(a:1.5) (b:0.5)
(a (b:1.2):1.5)
(a (b) c:1.5) d
((a:1.2))
((a:1.2):1.5)
(a: 1.5 )
(a :1.5)
(a:b:1.5)
(a:1.5:b)
(:1.5)
(a:)
(a: )
()
( )
(())
(a:-1)
(a:+.5)
(a:1.)
(a:.)
(a:1e1)
(a:1e)
(a:1e400)
(a:inf)
(a:nan)
(a:infinity)
(a:0x10)
(a:1_0)
(a:1__0)
(a:_1)
(a:1,5)
(a:1 5)
(a:１.５)
(a:٢)
(a:²)
(a:Ⅷ)
(a:　1.5　)
(a:1.5
a (b
(
((
)
))
a) b
a) (b)
a) (b) (c)
a) ((b)
((a)
((a) b
(((a))
(a (b)
(a (b) c
(a (b:2)
((a:3) (b)
a (b) (c
(a))
(a)) (b)
\(a\)
\(a:1.5\)
(\(a\))
(\(a\):1.5)
(a\:1.5)
(a\)
(a\))
(a:1.5\))
(a:\(1.5)
\\(a)
\\\(a)
\
(a\
(a\:1.5
a\b (c\d)
(a)(b)(c)
(a (b (c (d:2) e:3) f:4) g:5)
best quality, (masterpiece:1.2), ((lake)), (night:0.6), \(photo\)
(수련:1.3) 연못
(a:1.5)b(c:2):3
a:1.5
(a:0)
(a:1)
(a:1.0)""".split("\n")


def alphabet():
    """The characters that stand for bytes 0...255."""
    prints = [*range(33, 127), *range(161, 173), *range(174, 256)]
    others = iter(range(256, 512))
    return [chr(b) if b in prints else chr(next(others)) for b in range(256)]


def clip_files(folder):
    """vocab.json and merges.txt of CLIP, from the list of merges that ships."""
    text = gzip.decompress((ROOT / "data/vocabularies/clip-merges.txt.gz").read_bytes()).decode()
    symbols = sorted(alphabet())
    symbols += [s + "</w>" for s in symbols]
    symbols += [line.replace(" ", "") for line in text.split("\n")[1:-1]] + [START, END]
    write_folder(folder, {s: i for i, s in enumerate(symbols)}, text, {})


def small_files(folder, r):
    """A small vocabulary: no symbols for many bytes, and merges in an order that no training gives."""
    letters = "abcdehilnorstu"
    symbols = [s for s in alphabet() if s in letters or r.random() < 0.7]
    symbols += [s + "</w>" for s in alphabet() if s in letters or r.random() < 0.7]
    pairs = []
    for _ in range(60):
        for _ in range(3):
            left = r.choice([s for s in symbols if s.strip(letters) == ""])
            right = r.choice([s for s in symbols if s.removesuffix("</w>").strip(letters) == ""])
            if (left, right) not in pairs and len(left + right) < 12:
                pairs.append((left, right))
                symbols.append(left + right)
    r.shuffle(pairs)
    symbols = ["<pad>", "<unk>", END, *dict.fromkeys(symbols), START]
    merges = "\n".join(["#version: 0.2", *map(" ".join, pairs), ""])
    roles = {"pad_token": "<pad>", "unk_token": "<unk>"}
    write_folder(folder, {s: i for i, s in enumerate(symbols)}, merges, roles)


def write_folder(folder, vocabulary, merges, roles):
    folder.mkdir(parents=True, exist_ok=True)
    config = {"bos_token": START, "eos_token": END, "model_max_length": 77, "tokenizer_class": "CLIPTokenizer"}
    (folder / "vocab.json").write_text(json.dumps(vocabulary, ensure_ascii=False))
    (folder / "merges.txt").write_text(merges)
    (folder / "tokenizer_config.json").write_text(json.dumps(config | roles, indent=1) + "\n")


def random_text(r):
    kinds = [
        lambda: r.randint(0x20, 0x7E),
        lambda: r.choice(b"abcdehilnorstu ' "),
        lambda: r.randint(0xA0, 0x17F),
        lambda: r.randint(0x300, 0x36F),
        lambda: r.randint(0x370, 0x52F),
        lambda: r.randint(0x1100, 0x11FF),
        lambda: r.randint(0xAC00, 0xD7A3),
        lambda: r.randint(0x1F300, 0x1FAFF),
        lambda: r.randint(0x80, 0x2FFFF),
    ]
    chosen = r.sample(kinds, r.randint(1, 3))
    chars = [chr(r.choice(chosen)()) for _ in range(r.randint(1, 24))]
    return "".join(c for c in chars if unicodedata.category(c) not in ("Cs", "Cn", "Co"))


def random_prompt(r):
    parts = ["(", ")", "(", ")", ":", "1.5", ":2", "a", "b ", "\\(", "\\)", "\\", "c"]
    return "".join(r.choice(parts) for _ in range(r.randint(1, 16)))


# Weights


class Paren:
    """A parenthesis that is no mere character."""


OPEN, CLOSE = Paren(), Paren()


def symbols_of(prompt):
    out, i = [], 0
    while i < len(prompt):
        if prompt[i] == "\\" and prompt[i + 1 : i + 2] in ("(", ")"):
            out.append(("escaped", prompt[i + 1]))
            i += 2
            continue
        out.append({"(": OPEN, ")": CLOSE}.get(prompt[i], prompt[i]))
        i += 1
    return out


def text_of(symbols):
    return "".join("(" if s is OPEN else ")" if s is CLOSE else s[-1] for s in symbols)


def number(symbols):
    """The weight that they say, or None."""
    if not all(isinstance(s, str) for s in symbols):
        return None
    try:
        value = float("".join(symbols))
    except ValueError:
        return None
    return value if math.isfinite(value) else None


def group(symbols, weight):
    """What is between two parentheses."""
    colons = [i for i, s in enumerate(symbols) if s == ":"]
    if colons and colons[-1] > 0:
        value = number(symbols[colons[-1] + 1 :])
        if value is not None:
            return pieces(symbols[: colons[-1]], value)
    return pieces(symbols, weight * 1.1)


def partner(symbols, i):
    depth = 0
    for j in range(i, len(symbols)):
        depth += (symbols[j] is OPEN) - (symbols[j] is CLOSE)
        if depth == 0:
            return j
    return None


def pieces(symbols, weight=1.0):
    out, plain, i = [], [], 0
    owed = 0  # closing parentheses that had no partner: each takes a later opening one with it
    while i < len(symbols):
        if symbols[i] is not OPEN or owed:
            owed += (symbols[i] is CLOSE) - (symbols[i] is OPEN)
            plain.append(symbols[i])
            i += 1
            continue
        out.append((text_of(plain), weight))
        plain = []
        j = partner(symbols, i)
        rest = symbols[i:]
        if j is not None:
            out += group(symbols[i + 1 : j], weight)
            i = j + 1
        elif len(rest) > 1 and rest[-1] is CLOSE:
            return [p for p in out if p[0]] + group(rest[1:-1], weight)
        else:
            plain, i = rest, len(symbols)
    out.append((text_of(plain), weight))
    return [p for p in out if p[0]]


# Chunks


def chunks(tokenizer, prompt, length):
    body = length - 2
    rows = [[]]
    for text, weight in pieces(symbols_of(prompt)):
        tokens = [(i, weight) for i in tokenizer(text, add_special_tokens=False)["input_ids"]]
        if len(tokens) < 8 and len(rows[-1]) + len(tokens) > body:
            rows.append([])
        while tokens:
            if len(rows[-1]) == body:
                rows.append([])
            room = body - len(rows[-1])
            rows[-1] += tokens[:room]
            tokens = tokens[room:]
    start, end, pad = tokenizer.bos_token_id, tokenizer.eos_token_id, tokenizer.pad_token_id
    out = []
    for row in rows:
        row = [(start, 1), *row, (end, 1)]
        out += row + [(pad, 1)] * (length - len(row))
    return {
        "prompt": prompt,
        "length": length,
        "ids": [i for i, _ in out],
        "weights": [w for _, w in out],
        "weighted": any(w != 1 for _, w in out),
    }


def words(n):
    """A text of n tokens in the small vocabulary: single digits are no merges' business."""
    return " ".join("x" for _ in range(n))


def chunk_prompts():
    yield from ["", " ", "()", "(:1)", "a boat", "(a boat:1.5) on a lake", "(a:1)", "((", "수련 (연못:0.5)"]
    for n in (74, 75, 76, 77, 150, 151, 200):
        yield words(n)
    for n in (1, 7, 8, 9, 75, 80, 160):
        for room in (0, 1, 6, 7, 8, 9):
            yield f"{words(75 - room)} ({words(n)}:1.3) {words(3)}"
    yield " ".join(f"({words(7)})" for _ in range(30))
    yield " ".join(f"({words(8)})" for _ in range(30))


def dump(name, rows):
    lines = ",\n".join(json.dumps(row, ensure_ascii=False) for row in rows)
    (OUT / name).write_text(f"[\n{lines}\n]\n")


def main():
    r = random.Random(1874)
    shutil.rmtree(OUT, ignore_errors=True)
    small_files(OUT / "small", r)
    small = CLIPTokenizer.from_pretrained(OUT / "small")
    small.save_pretrained(OUT / "small-one-file")
    with tempfile.TemporaryDirectory() as folder:
        clip_files(pathlib.Path(folder))
        clip = CLIPTokenizer.from_pretrained(folder)
    texts = [*TEXTS, *(random_text(r) for _ in range(180))]
    dump(
        "texts.json",
        [
            {
                "text": text,
                "clip": clip(text, add_special_tokens=False)["input_ids"],
                "small": small(text, add_special_tokens=False)["input_ids"],
            }
            for text in texts
        ],
    )
    prompts = [*PROMPTS, *(random_prompt(r) for _ in range(150))]
    dump("prompts.json", [{"prompt": p, "pieces": pieces(symbols_of(p))} for p in prompts])
    rows = [chunks(small, prompt, 77) for prompt in chunk_prompts()]
    for length in (10, 20):
        rows.append(chunks(small, words(30), length))
        rows.append(chunks(small, f"(a) {words(7)} (b:2) {words(12)}", length))
    dump("chunks.json", rows)


main()
