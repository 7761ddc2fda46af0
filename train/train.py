"""Trains the page model and writes the tables that reading/src/page/model.rs reads. See README.md.

    train.py cv    PREFIX TRUTH [--folds 5]     out-of-fold quality, folds by host
    train.py fit   PREFIX TRUTH MODEL           trains on all pages, writes MODEL
    train.py check PREFIX MODEL                 are Rust's scores (PREFIX.i32) this code's, block by block?

PREFIX: what `cargo run --release --features training --example features` wrote.
"""
import argparse, collections, struct, sys, zlib

import numpy as np

from data import load

DEPTH, LEAVES, CHANCES, CERTAIN = 6, 64, 256, 10_000
# What stands in for the questions that a shallow tree does not ask: no number exceeds it.
NEVER = 0, 65_535
RECIPE = dict(iterations=600, depth=DEPTH, learning_rate=0.1, border_count=64, l2_leaf_reg=8, rsm=0.4,
              boosting_type='Plain', bootstrap_type='MVS', random_seed=1, thread_count=2, verbose=0,
              allow_writing_files=False)
# A block counts by its words, a long one by no more than this many; a page by its length to this power less.
WORDS_MAX, WORDS_POWER, PAGE_POWER = 60, 0.8, 0.7
# Half of the expected F1 is the best threshold when chances are right; these set it lower, most where a page is vague.
CUT_PERCENT, CUT_VAGUE_PERCENT, CUT_MIN = 95, 80, 1_200


def columns(prefix):
    return int(open(prefix + '.columns').read())


def weights(pages, label):
    parts = []
    for page in pages:
        words = np.minimum(page.count, WORDS_MAX).astype(float) ** WORDS_POWER
        parts.append(words / max(words.sum(), 1) ** PAGE_POWER)
    weight = np.concatenate(parts) * np.clip(np.abs(2 * label - 1), 0.2, 1)
    return weight / weight.mean()


def fit(rows, label, weight):
    from catboost import CatBoostClassifier, Pool
    model = CatBoostClassifier(**RECIPE)
    return model.fit(Pool(rows.astype(np.float32), (label >= 0.5).astype(int), weight=weight))


def tables(model, path):
    """The model's trees as bytes: see model.rs for the layout."""
    import json, os, tempfile
    handle, name = tempfile.mkstemp(suffix='.json')
    os.close(handle)
    model.save_model(name, format='json')
    whole = json.load(open(name))
    os.remove(name)
    scale, (bias,) = whole['scale_and_bias']
    # A column's place among those that have borders is its place in the model.
    places = {f['feature_index']: f['flat_feature_index'] for f in whole['features_info']['float_features']}
    largest = max(abs(v) for tree in whole['oblivious_trees'] for v in tree['leaf_values']) * scale
    unit = 32_767 / largest
    step = max(1, round(unit * 16 / CHANCES))
    out = bytearray(struct.pack('<ii', round(bias * unit), step))
    for index in range(CHANCES):
        score = (index - CHANCES // 2 + 0.5) * step / unit
        out += struct.pack('<H', round(CERTAIN / (1 + np.exp(-score))))
    trees = []
    for tree in whole['oblivious_trees']:
        asked = [(places[split['float_feature_index']], int(split['border'])) for split in tree['splits']]
        values = [round(v * scale * unit) for v in tree['leaf_values']]
        trees.append((asked + [NEVER] * (DEPTH - len(asked)), values * (LEAVES // len(values))))
    borders = sorted({border for asked, _ in trees for border in asked})
    numbers = {border: number for number, border in enumerate(borders)}
    out += struct.pack('<H', len(borders)) + b''.join(struct.pack('<BH', *border) for border in borders)
    for asked, values in trees:
        out += struct.pack(f'<{DEPTH}H{LEAVES}h', *(numbers[border] for border in asked), *values)
    open(path, 'wb').write(out)
    return bytes(out)


def scores(blob, rows):
    """What model.rs computes, in whole numbers."""
    bias, _ = struct.unpack_from('<ii', blob)
    at, total = 8 + 2 * CHANCES, np.full(len(rows), bias, np.int64)
    count, = struct.unpack_from('<H', blob, at)
    borders = [struct.unpack_from('<BH', blob, at + 2 + 3 * number) for number in range(count)]
    exceeds = [rows[:, place] > border for place, border in borders]
    at += 2 + 3 * count
    while at < len(blob):
        leaf = np.zeros(len(rows), np.int64)
        for level, number in enumerate(struct.unpack_from(f'<{DEPTH}H', blob, at)):
            leaf |= exceeds[number].astype(np.int64) << level
        total += np.frombuffer(blob, '<i2', LEAVES, at + 2 * DEPTH)[leaf]
        at += 2 * DEPTH + 2 * LEAVES
    return total


def chances(blob, score):
    _, step = struct.unpack_from('<ii', blob)
    table = np.frombuffer(blob, '<u2', CHANCES, 8)
    whole = score // step
    return table[np.clip(whole + CHANCES // 2, 0, CHANCES - 1)].astype(np.int64)


def choose(chance, words):
    """The blocks that decide.rs keeps: those above half of the F1 that the best choice would have."""
    order = np.argsort(-chance, kind='stable')
    sure, size = np.cumsum((chance * words)[order]), np.cumsum(words[order])
    if not len(order) or not size[-1]:
        return np.zeros(len(order), bool)
    half = (sure * CERTAIN // np.maximum(size * CERTAIN + sure[-1], 1)).max()
    vague = (CERTAIN // 2 - half) * CUT_VAGUE_PERCENT // 100
    return chance >= max(half * CUT_PERCENT // 100 - vague, CUT_MIN)


def report(name, pages, keep):
    kinds = collections.defaultdict(list)
    for page, kept in zip(pages, keep):
        kinds[page.kind].append(page.f1(kept))
    every = [value for values in kinds.values() for value in values]
    print(f'{name}: F1 {np.mean(every):.4f}  ' + ' '.join(f'{kind} {np.mean(v):.3f}' for kind, v in sorted(kinds.items())), flush=True)


def main():
    args = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    args.add_argument('what', choices=['cv', 'fit', 'check'])
    args.add_argument('prefix'); args.add_argument('truth'); args.add_argument('model', nargs='?')
    args.add_argument('--folds', type=int, default=5)
    args = args.parse_args()
    if args.what == 'check':
        blob, rows = open(args.truth, 'rb').read(), np.fromfile(args.prefix + '.u16', '<u2').reshape(-1, columns(args.prefix))
        theirs, ours = np.fromfile(args.prefix + '.i32', '<i4'), scores(blob, rows)
        differ = int((theirs != ours).sum())
        print(f'{len(rows)} blocks, {differ} scores differ')
        sys.exit(bool(differ) or len(theirs) != len(ours))
    pages, rows = load(args.prefix, args.truth, columns(args.prefix))
    label = np.concatenate([page.label for page in pages])
    weight = weights(pages, label)
    if args.what == 'fit':
        model = fit(rows, label, weight)
        blob = tables(model, args.model)
        raw = scores(blob, rows)
        float_raw = model.predict(rows.astype(np.float32), prediction_type='RawFormulaVal')
        print(f'{len(blob)} bytes; quantised against float: correlation {np.corrcoef(raw, float_raw)[0, 1]:.6f}')
        chance = chances(blob, raw)
        report('on its own training pages', pages, [choose(chance[p.rows], p.count) for p in pages])
        return
    fold = np.array([zlib.crc32(page.host.encode()) % args.folds for page in pages])
    of_block = np.repeat(fold, [len(page.blocks) for page in pages])
    chance = np.zeros(len(rows), np.int64)
    for number in range(args.folds):
        test = of_block == number
        blob = tables(fit(rows[~test], label[~test], weight[~test]), args.prefix + '.fold')
        chance[test] = chances(blob, scores(blob, rows[test]))
        print(f'fold {number}', flush=True)
    chance.astype('<i4').tofile(args.prefix + '.oof')
    report('out of fold', pages, [choose(chance[p.rows], p.count) for p in pages])
    report('rules by zones', pages, [p.kept for p in pages])
    report('best choice of blocks', pages, [p.label >= 0.5 for p in pages])


if __name__ == '__main__':
    main()
