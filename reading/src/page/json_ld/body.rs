//! The text that JSON-LD holds, as markup: an article's body, a product's data sheet, questions and answers, recipes.

use super::{is_a, text_of};
use serde_json::Value;
use std::fmt::Write as _;

/// Markup of one object: the most that is kept of JSON-LD, whose text is in no case longer.
const BODY_BYTES_MAX: usize = 262_144;
/// Steps, questions, properties and the like of one object.
const ITEMS_MAX: usize = 200;
/// Levels of questions within pages, steps within sections.
const DEPTH_MAX: usize = 4;

/// What an object tells a reader; empty when it is nothing of its own.
pub(super) fn of(object: &Value) -> String {
    let mut body = Body::default();
    if is_a(object, "Product") || is_a(object, "ProductGroup") {
        body.product(object);
    } else if is_a(object, "QAPage") || is_a(object, "FAQPage") || is_a(object, "Question") {
        body.questions(object);
    } else if is_a(object, "Recipe") || is_a(object, "HowTo") {
        body.steps(object);
    } else if is_a(object, "JobPosting") {
        body.title(object.get("title"));
        body.field("Employer", name(object.get("hiringOrganization")));
        body.prose(object.get("description"));
    } else {
        for field in ["articleBody", "text", "transcript", "description"] {
            if body.html.is_empty() {
                body.prose(object.get(field));
            }
        }
    }
    body.html
}

#[derive(Default)]
struct Body {
    html: String,
}

impl Body {
    fn product(&mut self, product: &Value) {
        self.title(product.get("name"));
        self.prose(product.get("description"));
        self.field("Brand", name(product.get("brand")));
        for (label, field) in [
            ("SKU", "sku"),
            ("MPN", "mpn"),
            ("Model", "model"),
            ("Colour", "color"),
            ("Material", "material"),
            ("Size", "size"),
        ] {
            self.field(label, name(product.get(field)));
        }
        if let Some(offer) = items(product.get("offers")).first() {
            let price = scalar(offer.get("price")).or_else(|| scalar(offer.get("lowPrice")));
            let currency = text_of(offer.get("priceCurrency")).unwrap_or_default();
            self.field("Price", price.map(|price| format!("{price} {currency}")));
            let availability = text_of(offer.get("availability"));
            self.field(
                "Availability",
                availability.map(|at| at.rsplit('/').next().unwrap_or_default().to_owned()),
            );
        }
        if let Some(rating) = product.get("aggregateRating") {
            let count = scalar(rating.get("reviewCount")).or_else(|| scalar(rating.get("ratingCount")));
            let value = scalar(rating.get("ratingValue"));
            self.field(
                "Rating",
                value.map(|value| count.map_or(value.clone(), |count| format!("{value} ({count})"))),
            );
        }
        let properties = items(product.get("additionalProperty"));
        let rows: Vec<(String, String)> = properties
            .iter()
            .take(ITEMS_MAX)
            .filter_map(|property| Some((text_of(property.get("name"))?, scalar(property.get("value"))?)))
            .collect();
        if !rows.is_empty() {
            self.push("<table><tr><th>Property</th><th>Value</th></tr>");
            for (label, value) in rows {
                self.push(&format!("<tr><td>{}</td><td>{}</td></tr>", escaped(&label), escaped(&value)));
            }
            self.push("</table>");
        }
    }

    fn questions(&mut self, page: &Value) {
        let mut waiting = vec![(page, 0_usize)];
        let mut left = ITEMS_MAX;
        while let Some((object, depth)) = waiting.pop() {
            if is_a(object, "Question") && left > 0 {
                left = left.saturating_sub(1);
                self.title(object.get("name"));
                self.prose(object.get("text"));
                for answers in ["acceptedAnswer", "suggestedAnswer"] {
                    for answer in items(object.get(answers)).iter().take(ITEMS_MAX) {
                        self.prose(answer.get("text"));
                    }
                }
            } else if depth < DEPTH_MAX {
                let inner = items(object.get("mainEntity"));
                waiting
                    .extend(inner.iter().take(ITEMS_MAX).rev().map(|inner| (inner, depth.saturating_add(1))));
            }
        }
    }

    fn steps(&mut self, recipe: &Value) {
        self.title(recipe.get("name"));
        self.prose(recipe.get("description"));
        for (field, list) in [
            ("recipeIngredient", "ul"),
            ("tool", "ul"),
            ("supply", "ul"),
            ("recipeInstructions", "ol"),
            ("step", "ol"),
        ] {
            let steps = items(recipe.get(field));
            let sections = steps.iter().take(ITEMS_MAX).flat_map(|step| {
                let inner = items(step.get("itemListElement"));
                if inner.is_empty() { std::slice::from_ref(step) } else { inner }
            });
            let lines: Vec<String> = sections
                .take(ITEMS_MAX)
                .filter_map(|step| {
                    text_of(Some(step)).or_else(|| text_of(step.get("text"))).or_else(|| name(Some(step)))
                })
                .collect();
            if lines.len() == 1 {
                self.prose(lines.first().map(|line| Value::String(line.clone())).as_ref());
            } else if !lines.is_empty() {
                self.push(&format!("<{list}>"));
                for line in lines {
                    self.push(&format!("<li>{}</li>", if is_markup(&line) { line } else { escaped(&line) }));
                }
                self.push(&format!("</{list}>"));
            }
        }
    }

    fn title(&mut self, title: Option<&Value>) {
        if let Some(title) = text_of(title) {
            self.push(&format!("<h2>{}</h2>", escaped(&title)));
        }
    }

    fn field(&mut self, label: &str, value: Option<String>) {
        if let Some(value) = value.filter(|value| !value.trim().is_empty()) {
            self.push(&format!("<p>{label}: {}</p>", escaped(value.trim())));
        }
    }

    /// Text or markup as it is written.
    fn prose(&mut self, text: Option<&Value>) {
        let Some(text) = text.and_then(Value::as_str) else { return };
        // Escaped markup within a string is markup all the same.
        let resolved = if text.contains("&lt;") { htmlize::unescape(text) } else { text.into() };
        self.push(&super::super::island::markup(&resolved));
    }

    fn push(&mut self, markup: &str) {
        if self.html.len().saturating_add(markup.len()) <= BODY_BYTES_MAX {
            let _ = self.html.write_str(markup);
        }
    }
}

fn items(value: Option<&Value>) -> &[Value] {
    match value {
        Some(Value::Array(items)) => items,
        Some(Value::Null) | None => &[],
        Some(one) => std::slice::from_ref(one),
    }
}

/// The name of a thing, or the thing where it is a name itself.
fn name(value: Option<&Value>) -> Option<String> {
    text_of(value).or_else(|| text_of(value?.get("name")))
}

fn scalar(value: Option<&Value>) -> Option<String> {
    match value? {
        Value::Number(number) => Some(number.to_string()),
        other => text_of(Some(other)),
    }
}

fn is_markup(text: &str) -> bool {
    text.contains("</")
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;")
}

#[cfg(test)]
mod tests {
    use crate::page::json_ld::read;

    #[test]
    fn a_product_becomes_a_data_sheet() {
        let body = read(
            r#"{"@type":"Product","name":"Lamp","description":"A lamp & a half.","brand":{"name":"Lux"},
               "offers":{"price":19.9,"priceCurrency":"EUR","availability":"https://schema.org/InStock"},
               "aggregateRating":{"ratingValue":"4.5","reviewCount":12},
               "additionalProperty":[{"name":"Power","value":"9 W"}]}"#,
        )
        .body;
        assert_eq!(
            body,
            "<h2>Lamp</h2><p>A lamp &amp; a half.</p><p>Brand: Lux</p><p>Price: 19.9 EUR</p><p>Availability: InStock</p>\
             <p>Rating: 4.5 (12)</p><table><tr><th>Property</th><th>Value</th></tr><tr><td>Power</td><td>9 W</td></tr></table>"
        );
    }

    #[test]
    fn questions_recipes_and_jobs_are_told_in_order() {
        let faq = r#"{"@type":"FAQPage","mainEntity":[{"@type":"Question","name":"Why?","acceptedAnswer":{"text":"<p>So.</p>"}},
            {"@type":"Question","name":"How?","acceptedAnswer":{"text":"Thus."}}]}"#;
        assert_eq!(read(faq).body, "<h2>Why?</h2><p>So.</p><h2>How?</h2><p>Thus.</p>");
        let recipe = r#"{"@type":"Recipe","name":"Soup","recipeIngredient":["water","salt"],
            "recipeInstructions":[{"@type":"HowToSection","itemListElement":[{"text":"Boil."},{"text":"Salt."}]}]}"#;
        assert_eq!(
            read(recipe).body,
            "<h2>Soup</h2><ul><li>water</li><li>salt</li></ul><ol><li>Boil.</li><li>Salt.</li></ol>"
        );
        let job = r#"{"@type":"JobPosting","title":"Cook","hiringOrganization":{"name":"Inn"},"description":"&lt;p&gt;Cook.&lt;/p&gt;"}"#;
        assert_eq!(read(job).body, "<h2>Cook</h2><p>Employer: Inn</p><p>Cook.</p>");
    }

    #[test]
    fn items_and_comments_are_no_body() {
        let list =
            r#"{"@type":"Article","comment":[{"@type":"Comment","text":"first!"}],"description":"Short."}"#;
        assert_eq!(read(list).body, "<p>Short.</p>");
        assert_eq!(read(r#"{"@type":"Organization","description":"We are the best."}"#).body, "");
    }
}
