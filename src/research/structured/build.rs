//! The answer, put together from the values that hold.

use super::check::{Bearing, bearing, coerced};
use super::schema::{Leaf, Node, OutputSchema, escaped};
use super::{CITATIONS_PER_FIELD_MAX, FieldBasis, FieldCitation, FilledField, StructuredOutput};
use crate::order::sort_by_key;
use crate::research::confidence::{Confidence, Rating};
use crate::research::report::quote_url;
use crate::research::{Finding, FindingId, PageId, PageRecord};
use crate::text::term_set;
use serde_json::{Map, Value};
use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

/// What values are held against.
pub struct Material<'a> {
    /// The question.
    pub question: &'a str,
    /// All findings, by id.
    pub findings: &'a BTreeMap<FindingId, &'a Finding>,
    /// Their pages.
    pub pages: &'a BTreeMap<PageId, PageRecord>,
    /// How far each finding can be trusted.
    pub ratings: &'a BTreeMap<FindingId, Rating>,
    /// Numbers of the pages that the report cites.
    pub numbers: &'a BTreeMap<PageId, u32>,
}

/// The answer that `proposed` gives: each value in the form of its field, kept when a finding bears it out. Where none of
/// the findings that were named does, the others are looked through. Of several values for one field the first that
/// holds is kept.
#[must_use]
pub fn fill(schema: &OutputSchema, proposed: &[FilledField], material: &Material<'_>) -> StructuredOutput {
    let mut values: BTreeMap<&str, Vec<&FilledField>> = BTreeMap::new();
    for field in proposed {
        values.entry(field.path.as_str()).or_default().push(field);
    }
    let mut builder = Builder { values, material, basis: Vec::new() };
    let content = builder.node(schema.root(), &Place::default());
    StructuredOutput { content, basis: builder.basis }
}

/// Where a value is: in what was proposed, and in the answer, whose lists have no holes.
#[derive(Clone, Debug, Default)]
struct Place {
    proposed: String,
    built: String,
    /// Names on the way, for the words of the field.
    names: Vec<String>,
}

impl Place {
    fn member(&self, name: &str) -> Self {
        let segment = escaped(name);
        let names = self.names.iter().cloned().chain([name.to_owned()]).collect();
        Self {
            proposed: format!("{}/{segment}", self.proposed),
            built: format!("{}/{segment}", self.built),
            names,
        }
    }

    fn element(&self, proposed: usize, built: usize) -> Self {
        Self {
            proposed: format!("{}/{proposed}", self.proposed),
            built: format!("{}/{built}", self.built),
            names: self.names.clone(),
        }
    }
}

/// Terms by which a quote speaks of a field.
struct Asked {
    /// Of its name and description.
    own: BTreeSet<String>,
    /// Of the question, too.
    wide: BTreeSet<String>,
}

struct Builder<'a> {
    values: BTreeMap<&'a str, Vec<&'a FilledField>>,
    material: &'a Material<'a>,
    basis: Vec<FieldBasis>,
}

impl Builder<'_> {
    fn node(&mut self, node: &Node, place: &Place) -> Value {
        match node {
            Node::Object(members) => {
                let mut object = Map::new();
                for (name, member) in members {
                    let value = self.node(member, &place.member(name));
                    object.insert(name.clone(), value);
                }
                Value::Object(object)
            }
            Node::List { item, items_max } => self.list(item, *items_max, place),
            Node::Leaf(leaf) => match self.held(leaf, place) {
                Ok((value, basis)) => {
                    self.basis.push(basis);
                    value
                }
                Err(reason) => {
                    self.basis.push(nothing(place, reason));
                    Value::Null
                }
            },
        }
    }

    /// Elements of which at least one value holds, in their order.
    fn list(&mut self, item: &Node, items_max: usize, place: &Place) -> Value {
        let mut elements = Vec::new();
        for at in 0..items_max {
            let element = place.element(at, elements.len());
            let before = self.basis.len();
            let value = self.node(item, &element);
            let holds =
                self.basis.get(before..).is_some_and(|own| own.iter().any(|b| b.confidence.is_some()));
            if holds && !elements.contains(&value) {
                elements.push(value);
            } else {
                self.basis.truncate(before);
            }
        }
        if elements.is_empty() {
            let under = format!("{}/", place.proposed);
            let tried = self.values.keys().any(|path| path.starts_with(&under));
            self.basis.push(nothing(place, if tried { NOT_BORNE_OUT } else { NOT_FOUND }));
        }
        Value::Array(elements)
    }

    fn held(&self, leaf: &Leaf, place: &Place) -> Result<(Value, FieldBasis), &'static str> {
        let Some(proposed) = self.values.get(place.proposed.as_str()) else { return Err(NOT_FOUND) };
        let own = format!("{} {}", spoken(&place.names), leaf.description);
        let asked =
            Asked { wide: term_set(&format!("{own} {}", self.material.question)), own: term_set(&own) };
        let held = proposed.iter().find_map(|field| {
            let value = coerced(leaf, &field.value)?;
            let borne = self.borne_out(leaf, &value, &field.findings, &asked);
            (!borne.is_empty()).then(|| self.basis_of(&borne, place)).flatten().map(|basis| (value, basis))
        });
        held.ok_or(NOT_BORNE_OUT)
    }

    /// The findings that bear a value out, most trusted first: those that were named, else any that state it and speak of
    /// the field.
    fn borne_out(
        &self,
        leaf: &Leaf,
        value: &Value,
        named: &[FindingId],
        asked: &Asked,
    ) -> Vec<(FindingId, Bearing)> {
        let Material { findings, ratings, .. } = self.material;
        let bears = |id: &FindingId, asked: &BTreeSet<String>| {
            let bearing = bearing(leaf, value, findings.get(id)?, asked)?;
            Some((*id, bearing))
        };
        let is_stated = |borne: &(FindingId, Bearing)| borne.1 == Bearing::Stated;
        let mut borne: Vec<(FindingId, Bearing)> =
            named.iter().filter_map(|id| bears(id, &asked.wide)).collect();
        if !borne.iter().any(is_stated) {
            let stated: Vec<_> =
                findings.keys().filter_map(|id| bears(id, &asked.own)).filter(is_stated).collect();
            if !stated.is_empty() {
                borne = stated;
            }
        }
        sort_by_key(&mut borne, |(id, bearing)| {
            (Reverse(*bearing), Reverse(ratings.get(id).map(|r| r.confidence)), *id)
        });
        borne.dedup_by_key(|(id, _)| *id);
        borne.truncate(CITATIONS_PER_FIELD_MAX);
        borne
    }

    fn basis_of(&self, borne: &[(FindingId, Bearing)], place: &Place) -> Option<FieldBasis> {
        let Material { findings, pages, ratings, numbers, .. } = self.material;
        let (first, bearing) = borne.first()?;
        let rating = ratings.get(first)?;
        let (confidence, reason) = match bearing {
            Bearing::Stated => (rating.confidence, rating.reason.clone()),
            Bearing::Judged => (
                rating.confidence.min(Confidence::Medium),
                format!("judged from a quote that does not say it in so many words; {}", rating.reason),
            ),
        };
        let citation = |(id, _): &(FindingId, Bearing)| {
            let finding = findings.get(id)?;
            let page = pages.get(&finding.page)?;
            Some(FieldCitation {
                n: numbers.get(&finding.page).copied(),
                finding: id.to_string(),
                url: page.url.clone(),
                title: page.title.clone(),
                quote: finding.claim.quote.clone(),
                start: finding.start,
                end: finding.end,
                page: page.page_number(finding.start),
                text_fragment_url: quote_url(page, finding),
            })
        };
        let citations: Vec<FieldCitation> = borne.iter().filter_map(citation).collect();
        let field = place.built.clone();
        (!citations.is_empty()).then_some(FieldBasis {
            field,
            confidence: Some(confidence),
            reason,
            citations,
        })
    }
}

const NOT_FOUND: &str = "nothing that was read says it";
const NOT_BORNE_OUT: &str = "what was proposed is not borne out by any quote";

fn nothing(place: &Place, reason: &str) -> FieldBasis {
    FieldBasis {
        field: place.built.clone(),
        confidence: None,
        reason: reason.to_owned(),
        citations: Vec::new(),
    }
}

/// `maxBlocking_threads` in words.
pub(crate) fn spoken(names: &[String]) -> String {
    let mut out = String::new();
    for name in names {
        let mut before = ' ';
        for c in name.chars() {
            if c.is_uppercase() && before.is_lowercase() {
                out.push(' ');
            }
            out.push(if matches!(c, '_' | '-' | '.') { ' ' } else { c });
            before = c;
        }
        out.push(' ');
    }
    out
}
