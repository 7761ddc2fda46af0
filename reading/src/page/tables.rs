//! Which tables hold data rather than layout, and data tables as GFM.

use super::block::{Block, Kind};
use super::inline::{Place, inline};
use super::skeleton::{Node, Skeleton, Traits};
use super::tag::Tag;
use std::collections::{BTreeMap, BTreeSet};

/// The tables of a page and where each block stands in them.
pub(crate) struct Tables {
    /// Per skeleton record the innermost table, 0 for none.
    table: Vec<u32>,
    /// Per skeleton record the innermost cell, 0 for none.
    cell: Vec<u32>,
    /// Data tables: their rows, each with its cells.
    data: BTreeMap<u32, Vec<Row>>,
    /// Cells of headings over whole data tables: told above them.
    above: BTreeSet<u32>,
}

struct Row {
    head: bool,
    cells: Vec<u32>,
}

/// Wider tables are cut; nobody reads a 65th column.
const COLUMNS_MAX: usize = 64;
/// Longer texts of cells that span rows are not repeated: 255 rows of them would fill the page.
const REPEATED_BYTES_MAX: usize = 200;
/// A cell with more words than this holds an article, so its table is layout.
const CELL_WORDS_MAX: u32 = 150;
/// Of a table's blocks, in percent, that are list items: beyond it the table only sets lists side by side ...
const ITEMS_PERCENT_MAX: u32 = 60;
/// ... if it has no more rows than this.
const LIST_ROWS_MAX: usize = 3;
/// Rows without a heading in a table with headings in its cells.
const LABELLED_ROWS_MIN: usize = 2;

/// What the blocks of a cell amount to.
#[derive(Clone, Copy, Debug, Default)]
struct CellSum {
    words: u32,
    blocks: u32,
    heading: bool,
}

/// What the blocks of a table amount to.
#[derive(Clone, Copy, Debug, Default)]
struct TableSum {
    blocks: u32,
    items: u32,
    layout: bool,
}

impl Tables {
    pub(crate) fn find(skeleton: &Skeleton, blocks: &[Block]) -> Self {
        let mut found =
            Self { table: Vec::new(), cell: Vec::new(), data: BTreeMap::new(), above: BTreeSet::new() };
        let mut row_of: Vec<(u32, usize)> = Vec::new();
        for (place, node) in (0_u32..).zip(skeleton.nodes()) {
            let parent = node.parent as usize;
            let at = |list: &[u32]| list.get(parent).copied().unwrap_or(0);
            let (mut table, mut cell) = (at(&found.table), at(&found.cell));
            let mut row = row_of.get(parent).copied().unwrap_or_default();
            match node.tag {
                Tag::Table => {
                    // A table around a table is layout.
                    found.data.remove(&table);
                    (table, cell) = (place, 0);
                    if !node.traits.any(Traits::LAYOUT) {
                        found.data.insert(place, Vec::new());
                    }
                }
                Tag::Row => {
                    if let Some(rows) = found.data.get_mut(&table) {
                        let head =
                            skeleton.get(node.parent).is_some_and(|p| p.tag == Tag::RowGroup { head: true });
                        row = (table, rows.len());
                        rows.push(Row { head, cells: Vec::new() });
                    }
                }
                Tag::Cell { .. } => {
                    cell = place;
                    let (row_table, row_index) = row;
                    let rows = found.data.get_mut(&table).filter(|_| row_table == table);
                    if let Some(row) = rows.and_then(|rows| rows.get_mut(row_index)) {
                        row.cells.push(place);
                    }
                }
                _ => {}
            }
            found.table.push(table);
            found.cell.push(cell);
            row_of.push(row);
        }
        found.drop_layout(blocks, skeleton);
        found
    }

    fn drop_layout(&mut self, blocks: &[Block], skeleton: &Skeleton) {
        let mut cells: BTreeMap<u32, CellSum> = BTreeMap::new();
        let mut tables: BTreeMap<u32, TableSum> = BTreeMap::new();
        let placed: BTreeSet<u32> =
            self.data.values().flatten().flat_map(|row| row.cells.iter().copied()).collect();
        for block in blocks {
            let (table, cell) = self.of(block);
            if cell == 0 || !self.data.contains_key(&table) {
                continue;
            }
            if !placed.contains(&cell) {
                // A cell outside the rows would be lost with its text.
                tables.entry(table).or_default().layout = true;
                continue;
            }
            let of_cell = cells.entry(cell).or_default();
            let of_table = tables.entry(table).or_default();
            of_cell.words = of_cell.words.saturating_add(block.words);
            of_cell.blocks = of_cell.blocks.saturating_add(1);
            of_table.blocks = of_table.blocks.saturating_add(1);
            match block.kind {
                Kind::Heading(_) => of_cell.heading = true,
                Kind::Code(_) | Kind::Term => of_table.layout = true,
                Kind::Text => {
                    let item = skeleton.ancestry(block.node).take_while(|(place, _)| *place != cell);
                    let item = item.into_iter().any(|(_, node)| node.tag == Tag::Li);
                    of_table.items = of_table.items.saturating_add(u32::from(item));
                }
            }
            of_table.layout |= of_cell.words > CELL_WORDS_MAX || (of_cell.heading && of_cell.blocks > 1);
        }
        let is_heading = |cell: &u32| cells.get(cell).is_some_and(|sum| sum.heading);
        let above = &mut self.above;
        self.data.retain(|table, rows| {
            let sum = tables.get(table).copied().unwrap_or_default();
            // Lists side by side, as of pros and cons, read better one after the other.
            let lists = sum.items.saturating_mul(100) > sum.blocks.saturating_mul(ITEMS_PERCENT_MAX);
            if sum.layout || (lists && rows.len() <= LIST_ROWS_MAX) {
                return false;
            }
            let title = rows.first().and_then(|row| match row.cells.as_slice() {
                [cell] if is_heading(cell) => Some(*cell),
                _ => None,
            });
            let body = rows.iter().skip(usize::from(title.is_some()));
            let wide = body.clone().filter(|row| row.cells.len() > 1).count();
            let long = body.clone().count();
            // A heading in a cell is a label only where the table shows its nature otherwise.
            let headed = |row: &Row| row.cells.iter().any(is_heading);
            let plain = body.clone().filter(|row| !headed(row) && row.cells.len() > 1).count();
            let sound = !body.clone().any(headed) || plain >= LABELLED_ROWS_MIN;
            let is_data = long > 1 && wide.saturating_mul(2) >= long && sound;
            if let Some(cell) = title.filter(|_| is_data) {
                above.insert(cell);
                rows.remove(0);
            }
            is_data
        });
    }

    /// The data table in one of whose cells the block stands.
    pub(crate) fn data_table(&self, block: &Block) -> Option<u32> {
        let (table, cell) = self.of(block);
        (cell != 0 && self.data.contains_key(&table) && !self.above.contains(&cell)).then_some(table)
    }

    fn of(&self, block: &Block) -> (u32, u32) {
        let at = |list: &[u32]| list.get(block.node as usize).copied().unwrap_or(0);
        (at(&self.table), at(&self.cell))
    }

    /// The table as GFM lines without an end of line, from its own blocks; `None` when nothing is in it. Rows
    /// beyond `bytes_max` are left out. Cells that span rows are repeated
    /// in each, so that every row speaks for itself; cells that span columns are followed by empty ones.
    pub(crate) fn render(
        &self,
        table: u32,
        skeleton: &Skeleton,
        kept: &[&Block],
        place: Place<'_>,
        bytes_max: usize,
    ) -> Option<String> {
        let mut texts: BTreeMap<u32, String> = BTreeMap::new();
        for block in kept {
            let text = texts.entry(self.of(block).1).or_default();
            if !text.is_empty() {
                text.push(' ');
            }
            text.push_str(&inline(block, Place { cell: true, ..place }));
        }
        let rows = self.data.get(&table)?;
        let mut grid: Vec<(bool, Vec<String>)> = Vec::new();
        let mut hanging: Vec<(u8, String)> = Vec::new();
        let mut bytes = 0_usize;
        for row in rows {
            let cells = row.cells.iter().filter_map(|cell| Some((skeleton.get(*cell)?, texts.get(cell))));
            let line = lay_out(cells, &mut hanging);
            let head = row.head || row.cells.iter().all(|cell| is_header(skeleton.get(*cell)));
            if line.iter().any(|text| !text.is_empty()) {
                bytes = line.iter().fold(bytes, |sum, text| sum.saturating_add(text.len()).saturating_add(3));
                grid.push((head, line));
            }
            if bytes > bytes_max {
                break;
            }
        }
        drop_empty_columns(&mut grid);
        let columns = grid.iter().map(|(_, line)| line.len()).max()?;
        let (first_is_head, _) = grid.first()?;
        let row_headers =
            rows.iter().any(|row| is_header(row.cells.first().and_then(|cell| skeleton.get(*cell))));
        let mut lines = Vec::with_capacity(grid.len().saturating_add(2));
        if !first_is_head && row_headers {
            lines.push(line_of(&[], columns));
        }
        lines.extend(grid.iter().map(|(_, line)| line_of(line, columns)));
        let ruler = vec!["---".to_owned(); columns];
        lines.insert(1.min(lines.len()), line_of(&ruler, columns));
        Some(lines.join("\n"))
    }
}

/// Columns without any text only keep others apart.
fn drop_empty_columns(grid: &mut [(bool, Vec<String>)]) {
    let columns = grid.iter().map(|(_, line)| line.len()).max().unwrap_or(0);
    let used: Vec<bool> = (0..columns)
        .map(|column| grid.iter().any(|(_, line)| line.get(column).is_some_and(|text| !text.is_empty())))
        .collect();
    for (_, line) in grid {
        let mut column = 0_usize;
        line.retain(|_| {
            let keep = used.get(column).copied().unwrap_or(false);
            column = column.saturating_add(1);
            keep
        });
    }
}

fn is_header(node: Option<&Node>) -> bool {
    node.is_some_and(|node| node.tag == Tag::Cell { header: true })
}

/// One row's texts by column; `hanging` are cells of earlier rows that reach into this one and the following.
fn lay_out<'a>(
    cells: impl Iterator<Item = (&'a Node, Option<&'a String>)>,
    hanging: &mut Vec<(u8, String)>,
) -> Vec<String> {
    let mut line: Vec<String> = Vec::new();
    let mut below: Vec<(u8, String)> = Vec::new();
    let mut cells = cells;
    while line.len() < COLUMNS_MAX {
        match hanging.get(line.len()) {
            Some((rows, text)) if *rows > 0 => {
                line.push(text.clone());
                below.push((rows.saturating_sub(1), text.clone()));
                continue;
            }
            _ => {}
        }
        let Some((node, text)) = cells.next() else {
            if line.len() >= hanging.len() {
                break;
            }
            line.push(String::new());
            below.push((0, String::new()));
            continue;
        };
        let text = text.cloned().unwrap_or_default();
        for column in 0..usize::from(node.columns).min(COLUMNS_MAX.saturating_sub(line.len())) {
            let text = if column == 0 { text.clone() } else { String::new() };
            let again = if text.len() <= REPEATED_BYTES_MAX { text.clone() } else { String::new() };
            below.push((node.rows.saturating_sub(1), again));
            line.push(text);
        }
    }
    while below.last().is_some_and(|(rows, _)| *rows == 0) {
        below.pop();
    }
    *hanging = below;
    line
}

fn line_of(cells: &[String], columns: usize) -> String {
    let mut line = String::from("|");
    for column in 0..columns {
        let text = cells.get(column).map_or("", String::as_str);
        line.push(' ');
        line.push_str(text);
        line.push_str(if text.is_empty() { "|" } else { " |" });
    }
    line
}

#[cfg(test)]
mod tests {
    use super::Tables;
    use crate::page::Limits;
    use crate::page::tests::{FILLER, markdown_of};
    use url::Url;

    fn table(html: &str) -> String {
        let markdown = markdown_of(&format!("{FILLER}<table>{html}</table>"));
        markdown.strip_prefix(&markdown_of(FILLER)).unwrap_or_default().trim().to_owned()
    }

    #[test]
    fn spans_are_laid_flat() {
        let html = "<tr><th>a<th>b<th>c<tr><td rowspan=2>1<td colspan=2>2<tr><td>3<td>4";
        assert_eq!(table(html), "| a | b | c |\n| --- | --- | --- |\n| 1 | 2 | |\n| 1 | 3 | 4 |");
    }

    #[test]
    fn a_table_headed_by_its_first_column_gets_an_empty_header() {
        assert_eq!(table("<tr><th>a<td>1<tr><th>b<td>2"), "| | |\n| --- | --- |\n| a | 1 |\n| b | 2 |");
    }

    #[test]
    fn layout_tables_are_not_tables() {
        assert_eq!(table("<tr><td><h2>Head</h2><td>right<tr><td>x<td>y").lines().next(), Some("## Head"));
        assert_eq!(table("<tr><td>only<tr><td>one column"), "only\n\none column");
        assert!(!table("<tr><td>a<td>b<tr><td>c<td><table><tr><td>d</table>").contains('|'));
    }

    #[test]
    fn a_heading_over_a_table_or_in_its_cells_does_not_undo_it() {
        let html = "<tr><th colspan=2><h3>Specs</h3><tr><td>Price<td>$9<tr><td>Size<td>4";
        assert_eq!(table(html), "### Specs\n\n| Price | $9 |\n| --- | --- |\n| Size | 4 |");
        let html = "<tr><td><h4>For one</h4><td><h4>For two</h4><tr><td>1<td>2<tr><td>3<td>6";
        assert_eq!(table(html), "| For one | For two |\n| --- | --- |\n| 1 | 2 |\n| 3 | 6 |");
    }

    #[test]
    fn lists_side_by_side_are_told_one_after_the_other() {
        let html = "<tr><th>Pros<th>Cons<tr><td><ul><li>a<li>b</ul><td><ul><li>c<li>d</ul>";
        assert_eq!(table(html), "Pros\n\nCons\n\n- a\n- b\n\n* c\n* d");
    }

    #[test]
    fn a_long_page_around_a_table_does_not_undo_its_caption() {
        let html = format!("{}<table><caption>Costs<tr><th>a<th>b<tr><td>1<td>2</table>", FILLER.repeat(9));
        let url = Url::parse("https://e.com/").expect("a URL");
        let page = crate::page::choice::reread(&url, &html, Limits::default());
        let tables = Tables::find(&page.skeleton, &page.blocks);
        assert_eq!(page.blocks.iter().filter(|block| tables.data_table(block).is_some()).count(), 4);
    }

    #[test]
    fn empty_columns_and_bars_in_cells_do_not_break_rows() {
        let html = "<tr><th>a<th><th>b<tr><td>1|2<td> <td>3<br>4<tr><td><code>x|y</code><td><td>";
        assert_eq!(table(html), "| a | b |\n| --- | --- |\n| 1\\|2 | 3 4 |\n| `x\\|y` | |");
    }
}
