"""Blocks of the training pages with their labels: which of them the gold text holds."""
import gzip, json, re
from collections import Counter
from urllib.parse import urlsplit

import numpy as np
from rapidfuzz.distance import Indel

WORD = re.compile(r'\w+')


def words(text):
    return WORD.findall(text.lower())


class Page:
    """One page: tokens per block, a label in 0..1 per block (share of its words that the gold text holds there)."""

    def __init__(self, line, gold):
        self.id = line['id']
        self.kind = gold['type']
        self.host = host(gold['url'])
        self.kept = np.array(line['kept'], bool)
        self.blocks = [words(text) for text in line['texts']]
        self.gold = words(gold['text'])
        self.label = align(self.blocks, self.gold)
        self.count = np.array([len(block) for block in self.blocks], np.int32)

    def f1(self, keep):
        """Word-bag F1 of the kept blocks."""
        if not self.gold:
            return float(not any(k and b for k, b in zip(keep, self.blocks)))
        predicted = Counter()
        for use, block in zip(keep, self.blocks):
            if use:
                predicted.update(block)
        common = sum((predicted & self.bag()).values())
        if not common:
            return 0.0
        p, r = common / sum(predicted.values()), common / len(self.gold)
        return 2 * p * r / (p + r)

    def bag(self):
        if not hasattr(self, '_bag'):
            self._bag = Counter(self.gold)
        return self._bag


def host(url):
    """The registrable part of the host, near enough to keep one site's pages in one fold."""
    parts = (urlsplit(url).hostname or url).split('.')
    second = len(parts) > 2 and len(parts[-1]) == 2 and parts[-2] in ('co', 'com', 'org', 'ac', 'gov', 'net', 'edu')
    return '.'.join(parts[-3:] if second else parts[-2:])


def align(blocks, gold):
    """Share of each block's words that the longest common subsequence of page and gold text passes through."""
    ids = {}
    flat = [ids.setdefault(word, len(ids)) for block in blocks for word in block]
    want = [ids.setdefault(word, len(ids)) for word in gold]
    hit = np.zeros(len(flat), bool)
    used = np.zeros(len(want), bool)
    if flat and want:
        for op in Indel.opcodes(flat, want):
            if op.tag == 'equal':
                hit[op.src_start:op.src_end] = True
                used[op.dest_start:op.dest_end] = True
    grams = Counter(zip(want, want[1:], want[2:]))
    label = np.zeros(len(blocks), np.float32)
    missing = Counter(tuple(want[i:i + 4]) for i in range(len(want) - 3) if not used[i:i + 4].any())
    start = 0
    for index, block in enumerate(blocks):
        end = start + len(block)
        own = flat[start:end]
        if own:
            share = hit[start:end].mean()
            if len(own) >= 3:
                held = [gram in grams for gram in zip(own, own[1:], own[2:])]
                share = min(share, np.mean(held))
            label[index] = share
            if share < 0.5 and len(own) >= 5:
                # The gold text may tell it elsewhere.
                runs = [tuple(own[i:i + 4]) for i in range(len(own) - 3)]
                if np.mean([missing[run] > 0 for run in runs]) >= 0.8:
                    label[index] = 1.0
                    for run in runs:
                        missing[run] -= 1
        start = end
    return label


def load(prefix, truth, columns):
    """All pages with a gold text, and the matrix of their blocks' numbers."""
    gold = json.load(gzip.open(truth, 'rt', encoding='utf-8'))
    lines = [json.loads(line) for line in open(prefix + '.jsonl', encoding='utf-8')]
    rows = np.fromfile(prefix + '.u16', '<u2').reshape(-1, columns)
    pages, start = [], 0
    for line in lines:
        page = Page(line, gold[line['id']])
        page.rows = slice(start, start + len(page.blocks))
        start += len(page.blocks)
        pages.append(page)
    assert start == len(rows), 'the numbers do not belong to these pages'
    return pages, rows
