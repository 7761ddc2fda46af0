"""How much of a page's structure the Markdown shows: structure.py HTML_FOLDER TRUTH OUT.jsonl [--lost KIND|all]

Truth are the headings, list items, code blocks, rows of data tables and links in paragraphs of the page's own DOM whose
text lies in the gold text; the score is the share of them that the Markdown shows as such. `heading level` also asks for
the right level, `code lines` for every line of a block on a line of its own.
"""
import argparse, collections, gzip, json, re

from lxml import html as lx

# Shorter ones lie in the gold text by chance, as navigation does.
LEAST = {'item': 20, 'heading': 8}
IMAGE = re.compile(r'!\[(?:[^\[\]\\]|\\.|\[[^\[\]]*\])*\]\((?:<[^>]*>|[^()\s]*)\)')
LINK = re.compile(r'(?<!!)\[((?:[^\[\]\\]|\\.|\[[^\[\]]*\])*)\]\(')


def squash(text):
    return re.sub(r'\W+', '', text.lower())


def text_of(element, without=()):
    if element.tag in without or not isinstance(element.tag, str):
        return element.tail or ''
    parts = [element.text or '']
    for child in element:
        if isinstance(child.tag, str) and child.tag not in without and child.tag not in ('script', 'style', 'noscript', 'svg'):
            parts.append(text_of_inner(child, without))
        parts.append(child.tail or '')
    return ''.join(parts)


def text_of_inner(element, without):
    return text_of(element, without)


def code_of(element):
    """Text of a `pre` with the line ends that elements make: `br`, blocks, and `line` elements side by side."""
    parts = [element.text or '']
    for child in element:
        if isinstance(child.tag, str) and child.tag not in ('script', 'style', 'button', 'svg'):
            names = (child.get('class') or '').split()
            block = child.tag in ('br', 'div', 'p', 'tr', 'li', 'table') or {'line', 'token-line'} & set(names)
            inner = '' if {'lnt', 'ln', 'lineno', 'linenos', 'line-number', 'gutter'} & set(names) else code_of(child)
            parts.append(inner + ('\n' if block and not inner.endswith('\n') else ''))
        parts.append(child.tail or '')
    return ''.join(parts)


def shown(markdown):
    """Squashed headings, items, code blocks, rows and link labels of a Markdown text."""
    found = collections.defaultdict(list)
    fence, code = None, []
    for line in markdown.split('\n'):
        line = line if fence else IMAGE.sub('', line)
        bare = re.sub(r'^(?:\s|>|[-*+] |\d+[.)] )*', '', line)
        if fence:
            if bare.startswith(fence):
                found['code'].append('\n'.join(code))
                fence, code = None, []
            else:
                code.append(line)
            continue
        opening = re.match(r'(`{3,})', bare)
        if opening:
            fence = opening[1]
            continue
        plain = LINK.sub(lambda m: m[1] + ' (', line)
        plain = re.sub(r'\]?\(<?https?://[^)\s]*\)?|\(https?://\S*', '', plain)
        if bare.startswith('#'):
            found['heading'].append(squash(plain))
            found['heading level'].append(bare[:bare.find(' ')] + squash(plain))
        if re.match(r'^[\s>]*(?:[-*+]|\d+[.)])\s', line):
            found['item'].append(squash(re.sub(r'^(?:[\s>]|[-*+]\s|\d+[.)]\s)+', '', plain)))
        if bare.startswith('|'):
            found['row'].append(squash(plain))
    found['link'] = [squash(m) for m in LINK.findall(markdown)]
    return found


def truth(tree, gold):
    for element in tree.iter('h1', 'h2', 'h3', 'h4', 'h5', 'h6'):
        yield 'heading', element.tag, text_of(element)
    for element in tree.iter('li'):
        yield 'item', None, text_of(element, ('ul', 'ol'))
    for element in tree.iter('pre'):
        # Line numbers in a column of their own are not code.
        if re.search(r'[^\W\d]', code_of(element)):
            yield 'code', None, code_of(element)
    for table in tree.iter('table'):
        rows = [row for row in table.iter('tr') if len(row.findall('td') + row.findall('th')) > 1]
        if len(rows) < 2 or len(table.findall('.//table')) or table.get('role') == 'presentation':
            continue
        for row in rows:
            cells = [text_of(cell) for cell in row if cell.tag in ('td', 'th')]
            if all(squash(cell) in gold for cell in cells):
                yield 'row', None, ' '.join(cells)
    for element in tree.iterfind('.//p//a[@href]'):
        if not element.get('href').startswith(('#', 'javascript', 'mailto', 'tel')):
            yield 'link', None, text_of(element)


def main():
    args = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    args.add_argument('folder'); args.add_argument('truth'); args.add_argument('out'); args.add_argument('--lost')
    args = args.parse_args()
    gold = json.load(gzip.open(args.truth, 'rt', encoding='utf-8'))
    hits, total = collections.Counter(), collections.Counter()
    for line in open(args.out, encoding='utf-8'):
        row = json.loads(line)
        want = squash(gold[row['id']]['text'])
        raw = gzip.open(f"{args.folder}/{row['id']}.html.gz").read().decode('utf-8', 'replace')
        raw = re.sub(r'^\s*<\?xml[^>]*\?>', '', raw)
        if not want or not raw.strip():
            continue
        tree = lx.fromstring(raw, parser=lx.HTMLParser(huge_tree=True))
        have = shown(row.get('markdown') or '')
        sets = {kind: collections.Counter(v) for kind, v in have.items()}
        code = [squash(block) for block in have['code']]
        lines = {squash(l) for block in have['code'] for l in block.split('\n')}
        for kind, tag, text in truth(tree, want):
            short = squash(text)
            if len(short) < LEAST.get(kind, 3) or (kind != 'row' and short not in want):
                continue
            total[kind] += 1
            if kind == 'code':
                ok = any(short in block for block in code)
                total['code lines'] += 1
                hits['code lines'] += ok and all(squash(l) in lines for l in text.split('\n') if squash(l))
            elif kind == 'item':
                # Items of several blocks show their first on the marker's line.
                ok = any(item.startswith(short[:60]) or (len(item) >= 3 and short.startswith(item)) for item in sets.get('item', {}))
            else:
                ok = short in sets.get(kind, {})
            if kind == 'heading':
                total['heading level'] += 1
                hits['heading level'] += '#' * int(tag[1]) + short in sets.get('heading level', {})
            hits[kind] += ok
            if not ok and args.lost in (kind, 'all'):
                print(kind, row['id'], repr(text.strip()[:100]))
    print('  '.join(f'{kind} {hits[kind] / total[kind]:.3f} of {total[kind]}' for kind in sorted(total)))


if __name__ == '__main__':
    main()
