# SPDX-FileCopyrightText: Giverny contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Writes tests/fixtures/text/wordpiece.json: ids of transformers' BertTokenizer for a small vocabulary.

    make_wordpiece.py

Packages: requirements.txt.
"""

import json
import pathlib
import string
import tempfile

from transformers import BertTokenizerFast

from make_text import TEXTS

ROOT = pathlib.Path(__file__).resolve().parents[2]
PIECES = """[PAD] [UNK] [CLS] [SEP] [MASK] a red boat on lake at sun ##set ##s ##ing ##ed paint ##er impression ##ist water
lily lilies oil canvas best quality the they ' re i m don t we ve he ll d it s cafe naive le ve strasse straße istanbul ##l
σ ##ς ##ισυφος 수 ##련 日 本 語 北 京 睡 蓮 🌸 ! " # $ % & ( ) * + , - . / : ; < = > ? @ [ \\ ] ^ _ ` { | } ~ 1 2 3 ##2 ##3 ½ « » … —""".split()
EXTRA = ["a red boat on the lake at sunset", "painting, paintings; PAINTERS! painted?", "Ünïçødé café CAFÉ", "[MASK] is [CLS][SEP]x [mask]",
         "x" * 100, "x" * 101, "", "   ", "a\u200bb\u00adc\ufffdd\x00e\x07f", "日本語の睡蓮", "수련 \u1109\u116e", "boat\u0301s ﬁsh Å",
         "a" * 99 + "é", "lake…boat—«sun»"]


def main():
    letters = [c for c in string.ascii_lowercase + string.digits]
    vocabulary = list(dict.fromkeys(PIECES + letters + ["##" + c for c in letters]))
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder) / "vocab.txt"
        path.write_text("".join(p + "\n" for p in vocabulary))
        tokenizer = BertTokenizerFast(vocab=str(path), do_lower_case=True)
        if tokenizer.convert_tokens_to_ids("boat") != vocabulary.index("boat"):
            raise SystemExit("the vocabulary was not taken")
        texts = [*TEXTS, *EXTRA]
        rows = [{"text": t, "ids": tokenizer(t).input_ids} for t in texts]
        rows = [r for r in rows if "\x00" not in r["text"]]
    out = {"vocabulary": vocabulary, "rows": rows}
    (ROOT / "tests/fixtures/text/wordpiece.json").write_text(json.dumps(out, ensure_ascii=False, indent=0) + "\n")


if __name__ == "__main__":
    main()
