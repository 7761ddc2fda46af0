//! The order in which the lines of a page are read.

use super::Line;

/// Cuts within cuts: pages have at most a few bands and columns.
const CUTS_MAX: usize = 12;
/// Lines on which columns painted row by row show.
const ROWS_MIN: usize = 6;
/// Letters on each side of a gap between columns of text; cells of tables hold less.
const COLUMN_CHARS_MIN: usize = 20;
/// Gaps that are tried as the one between columns.
const GUTTERS_MAX: usize = 60;

/// Lines in reading order.
pub(super) fn ordered(lines: Vec<Line>) -> Vec<Line> {
    let lines = split_columns(lines);
    let upwards = lines.iter().zip(lines.iter().skip(1)).filter(|(a, b)| goes_up(a, b)).count();
    if upwards > 2 && upwards.saturating_mul(8) > lines.len() { cut(lines, CUTS_MAX) } else { lines }
}

/// Whether a line stands above the one that was painted before it, in the same column.
fn goes_up(before: &Line, line: &Line) -> bool {
    let overlap = before.x1.min(line.x1) - before.x0.max(line.x0);
    let narrow = (before.x1 - before.x0).min(line.x1 - line.x0);
    line.y > before.y + 0.5 * line.size && overlap > 0.3 * narrow
}

/// Where two columns of text were painted row by row, the left one is put before the right one.
fn split_columns(lines: Vec<Line>) -> Vec<Line> {
    let gaps = lines.iter().flat_map(|line| &line.gaps);
    let middles = gaps.map(|(from, to)| (from + to) / 2.0).take(GUTTERS_MAX);
    let columns = |line: &Line, x: f32| {
        side(line, x).is_some_and(|(left, right)| left.len().min(right.len()) >= COLUMN_CHARS_MIN)
    };
    let votes = |x: f32| lines.iter().filter(|line| columns(line, x)).count();
    let best = middles.map(|x| (votes(x), x)).max_by(|a, b| a.0.cmp(&b.0));
    let Some((rows, x)) = best.filter(|(rows, _)| *rows >= ROWS_MIN && rows.saturating_mul(2) > lines.len())
    else {
        return lines;
    };
    debug_assert!(rows > 0);
    let (mut first, mut second) = (Vec::new(), Vec::new());
    for line in lines {
        let Some((left, right)) = side(&line, x) else {
            if line.x0 >= x {
                second.push(line)
            } else {
                first.push(line)
            }
            continue;
        };
        let at = line.gaps.iter().position(|(from, to)| (*from..=*to).contains(&x)).unwrap_or(0);
        let (from, to) = line.gaps.get(at).copied().unwrap_or_default();
        let gaps = |skip: usize, take: usize| line.gaps.iter().skip(skip).take(take).copied().collect();
        let (left, right) = (left.to_owned(), right.to_owned());
        second.push(Line {
            text: right,
            x0: to,
            gaps: gaps(at.saturating_add(1), usize::MAX),
            ..line.clone()
        });
        first.push(Line { text: left, x1: from, gaps: gaps(0, at), ..line });
    }
    first.append(&mut second);
    first
}

/// The text on both sides of a gap that `x` lies in.
fn side(line: &Line, x: f32) -> Option<(&str, &str)> {
    let at = line.gaps.iter().position(|(from, to)| (*from..=*to).contains(&x))?;
    let (tab, _) = line.text.match_indices('\t').nth(at)?;
    Some((line.text.get(..tab)?, line.text.get(tab.saturating_add(1)..)?))
}

/// Parts a page at its widest gaps, columns before bands; what has none is read from above.
fn cut(mut lines: Vec<Line>, cuts_left: usize) -> Vec<Line> {
    if lines.len() > 1 && cuts_left > 0 {
        let size = lines.iter().map(|line| line.size).fold(0.0, f32::max);
        let across = widest(lines.iter().map(|line| (line.x0, line.x1)).collect());
        if let Some((x, _)) = across.filter(|(_, gap)| *gap > size) {
            let (left, right) = lines.into_iter().partition(|line| line.x0 < x);
            return both(left, right, cuts_left);
        }
        let down =
            widest(lines.iter().map(|line| (line.y - 0.25 * line.size, line.y + 0.8 * line.size)).collect());
        if let Some((y, _)) = down.filter(|(_, gap)| *gap > 0.3 * size) {
            let (above, below) = lines.into_iter().partition(|line| line.y > y);
            return both(above, below, cuts_left);
        }
    }
    lines.sort_by(|a, b| b.y.total_cmp(&a.y).then(a.x0.total_cmp(&b.x0)));
    lines
}

fn both(first: Vec<Line>, second: Vec<Line>, cuts_left: usize) -> Vec<Line> {
    let mut lines = cut(first, cuts_left.saturating_sub(1));
    lines.append(&mut cut(second, cuts_left.saturating_sub(1)));
    lines
}

/// The middle and width of the widest gap that no stretch reaches into.
fn widest(mut stretches: Vec<(f32, f32)>) -> Option<(f32, f32)> {
    stretches.sort_by(|a, b| a.0.total_cmp(&b.0));
    let mut reached = stretches.first()?.1;
    let mut best: Option<(f32, f32)> = None;
    for (from, to) in stretches {
        let gap = from - reached;
        if gap > 0.0 && best.is_none_or(|(_, widest)| gap > widest) {
            best = Some((reached + gap / 2.0, gap));
        }
        reached = reached.max(to);
    }
    best
}
