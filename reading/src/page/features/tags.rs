//! Elements as numbers.

use crate::page::tag::Tag;

/// Kinds of ancestors that are counted.
pub(super) const TAGS: usize = 21;

pub(super) fn tag_slot(tag: Tag) -> Option<usize> {
    Some(match tag {
        Tag::Main => 0,
        Tag::Article => 1,
        Tag::Section => 2,
        Tag::Nav => 3,
        Tag::Header => 4,
        Tag::Footer => 5,
        Tag::Aside => 6,
        Tag::Form => 7,
        Tag::Div => 8,
        Tag::Figure | Tag::Caption => 9,
        Tag::Address => 10,
        Tag::Details | Tag::Summary => 11,
        Tag::Blockquote => 12,
        Tag::Ul => 13,
        Tag::Ol => 14,
        Tag::Dl | Tag::Dt | Tag::Dd => 15,
        Tag::Table => 16,
        Tag::Row => 17,
        Tag::P => 18,
        Tag::Li => 19,
        Tag::Pre => 20,
        _ => return None,
    })
}

/// Elements by how much they speak for told text: splits of the model part them by order.
pub(super) fn tag_code(tag: Tag) -> u16 {
    match tag {
        Tag::P => 30,
        Tag::Blockquote => 29,
        Tag::Pre => 28,
        Tag::Heading(level) => 20_u16.saturating_add(u16::from(level)),
        Tag::Dd => 19,
        Tag::Dt => 18,
        Tag::Cell { header: false } => 17,
        Tag::Cell { header: true } => 16,
        Tag::Article => 15,
        Tag::Main => 14,
        Tag::Section => 13,
        Tag::Figure => 12,
        Tag::Caption => 11,
        Tag::Div => 10,
        Tag::Li => 9,
        Tag::Ul => 8,
        Tag::Ol => 7,
        Tag::Table | Tag::Row | Tag::RowGroup { .. } => 6,
        Tag::Details | Tag::Summary => 5,
        Tag::Address => 4,
        Tag::Header => 3,
        Tag::Form | Tag::Aside => 2,
        Tag::Footer | Tag::Nav => 1,
        _ => 0,
    }
}
