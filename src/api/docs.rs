//! The API reference at `/docs`: the OpenAPI document as one page of HTML that reads without scripts.

mod markup;
mod schema;

pub use markup::escaped;

use super::openapi::{self, Deployment};
use markup::{inline, paragraphs};
use schema::{fields, kind, named};
use serde_json::{Map, Value};
use std::fmt::Write;
use std::sync::OnceLock;

/// The page runs its own script and style only, and loads nothing from elsewhere.
pub const CSP: &str = "default-src 'none'; style-src 'self'; script-src 'self'; base-uri 'none'; form-action 'none'; \
                       frame-ancestors 'none'";

/// A file that the page loads, with its media type.
#[must_use]
pub fn file(name: &str) -> Option<(&'static str, &'static str)> {
    match name {
        "docs.css" => Some((
            "text/css; charset=utf-8",
            concat!(include_str!("../ui/palette.css"), include_str!("docs/docs.css")),
        )),
        "docs.js" => Some(("text/javascript; charset=utf-8", include_str!("docs/docs.js"))),
        _ => None,
    }
}

/// Stands for the deployment's address in [`document_page`].
pub const ORIGIN_MARK: &str = "https://origin.invalid";

/// The page of this deployment's document, with [`ORIGIN_MARK`] for its address. Made once, as the document is: anybody may
/// ask for it.
#[must_use]
pub fn document_page(deployment: &Deployment) -> &'static str {
    static PAGE: OnceLock<String> = OnceLock::new();
    PAGE.get_or_init(|| page(&openapi::value(deployment), ORIGIN_MARK))
}

/// The page of an OpenAPI document. `origin` is where the deployment is reached, for the examples.
#[must_use]
pub fn page(document: &Value, origin: &str) -> String {
    let reference = Reference { document, origin };
    let mut page = String::new();
    // Writing to a string cannot fail, here and below.
    let _ = write!(page, "{HEAD}{}{}{FOOT}", reference.navigation(), reference.main());
    page
}

const HEAD: &str = r##"<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Footnote: API reference</title>
<link rel="stylesheet" href="/docs/docs.css">
<script src="/docs/docs.js" defer></script>
</head>
<body>
<a class="skip" href="#main">Skip to the reference</a>
<header>
<p class="home"><a href="/">Footnote</a></p>
<h1>API reference</h1>
<p class="find" hidden><label for="filter">Filter</label> <input id="filter" type="search" autocomplete="off" placeholder="path, field, word"> <output for="filter"></output></p>
</header>
"##;
const FOOT: &str = "</body>\n</html>\n";
/// Methods in the order in which one meets them.
const METHODS: [&str; 5] = ["post", "get", "put", "patch", "delete"];

/// The document being written.
struct Reference<'a> {
    document: &'a Value,
    origin: &'a str,
}

/// One operation of it.
struct Operation<'a> {
    method: &'static str,
    path: &'a str,
    value: &'a Value,
}

impl Operation<'_> {
    fn id(&self) -> &str {
        text(self.value, "operationId")
    }
}

impl<'a> Reference<'a> {
    fn operations(&self, tag: &str) -> Vec<Operation<'a>> {
        let mut found = Vec::new();
        for (path, item) in members(self.document, "paths") {
            for method in METHODS {
                let Some(value) = item.get(method) else { continue };
                let tags = value.get("tags").and_then(Value::as_array);
                if tags.is_some_and(|tags| tags.iter().any(|t| t.as_str() == Some(tag))) {
                    found.push(Operation { method, path, value });
                }
            }
        }
        found
    }

    fn tags(&self) -> impl Iterator<Item = (&'a str, &'a str)> {
        let tags = self.document.get("tags").and_then(Value::as_array).into_iter().flatten();
        tags.map(|tag| (text(tag, "name"), text(tag, "description")))
    }

    fn navigation(&self) -> String {
        let mut nav = "<nav aria-label=\"Operations\">\n<ul>\n".to_owned();
        for (tag, _) in self.tags() {
            let _ = write!(nav, "<li><a href=\"#{0}\">{0}</a>\n<ul>\n", escaped(tag));
            for operation in self.operations(tag) {
                let _ = writeln!(
                    nav,
                    "<li><a href=\"#{}\"><span class=\"{1}\">{1}</span> {2}</a></li>",
                    escaped(operation.id()),
                    operation.method,
                    escaped(operation.path)
                );
            }
            nav.push_str("</ul></li>\n");
        }
        nav.push_str(
            "<li><a href=\"#messages\">messages to receivers</a></li>\n<li><a href=\"#errors\">errors</a></li>\n\
             <li><a href=\"#schemas\">schemas</a></li>\n</ul>\n</nav>\n",
        );
        nav
    }

    fn main(&self) -> String {
        let mut main = "<main id=\"main\">\n".to_owned();
        let info = self.document.get("info").unwrap_or(&Value::Null);
        let _ = write!(
            main,
            "<section>\n<p class=\"lead\">{}.</p>\n{}<p>Version {}. The whole contract for programs: \
             <a href=\"/openapi.json\"><code>/openapi.json</code></a> (OpenAPI 3.1). Here: <code>{}</code></p>\n</section>\n",
            inline(text(info, "summary")),
            paragraphs(text(info, "description")),
            escaped(text(info, "version")),
            escaped(self.origin),
        );
        for (tag, said) in self.tags() {
            let _ = write!(main, "<section id=\"{0}\">\n<h2>{0}</h2>\n{1}", escaped(tag), paragraphs(said));
            for operation in self.operations(tag) {
                self.operation(&operation, &mut main);
            }
            main.push_str("</section>\n");
        }
        self.messages(&mut main);
        self.errors(&mut main);
        main.push_str("<section id=\"schemas\">\n<h2>Schemas</h2>\n");
        for (name, schema) in members(self.document.get("components").unwrap_or(&Value::Null), "schemas") {
            let _ = write!(main, "<article id=\"schema-{0}\">\n<h3>{0}</h3>\n", escaped(name));
            main.push_str(&paragraphs(text(schema, "description")));
            main.push_str(&named(schema));
            main.push_str("</article>\n");
        }
        main.push_str("</section>\n</main>\n");
        main
    }

    fn operation(&self, operation: &Operation<'a>, main: &mut String) {
        let Operation { method, path, value } = operation;
        let _ = write!(
            main,
            "<article id=\"{id}\">\n<h3><a href=\"#{id}\"><span class=\"{method}\">{method}</span> <code>{path}</code></a></h3>\n\
             <p class=\"summary\">{summary}</p>\n{description}<p class=\"key\">{key}</p>\n",
            id = escaped(operation.id()),
            path = escaped(path),
            summary = inline(text(value, "summary")),
            description = paragraphs(text(value, "description")),
            key = key(value),
        );
        let parameters = value.get("parameters").and_then(Value::as_array);
        if let Some(parameters) = parameters.filter(|parameters| !parameters.is_empty()) {
            main.push_str("<h4>Parameters</h4>\n");
            main.push_str(&schema::parameters(parameters));
        }
        let content = value.pointer("/requestBody/content").and_then(Value::as_object);
        for (media_type, media) in content.into_iter().flatten() {
            let _ = writeln!(main, "<h4>Body <code>{}</code></h4>", escaped(media_type));
            main.push_str(&media.get("schema").map(fields).unwrap_or_default());
        }
        let _ = writeln!(main, "<h4>Example</h4>\n{}", listing(&self.curl(operation)));
        for (name, example) in self.more_bodies(value) {
            let shown = serde_json::to_string_pretty(example).unwrap_or_default();
            let _ =
                writeln!(main, "<details><summary>{}</summary>\n{}</details>", inline(name), listing(&shown));
        }
        main.push_str("<h4>Answers</h4>\n");
        for (status, response) in members(value, "responses") {
            main.push_str(&self.answer(status, response));
        }
        main.push_str("</article>\n");
    }

    fn answer(&self, status: &str, response: &Value) -> String {
        let shared = self.resolved(response);
        let said = Some(text(response, "description")).filter(|said| !said.is_empty());
        let said = inline(said.unwrap_or_else(|| text(shared, "description")));
        if status.starts_with(['4', '5']) {
            return format!("<p class=\"answer\"><a href=\"#errors\"><b>{status}</b></a> {said}</p>\n");
        }
        let mut inner = String::new();
        let headers: Vec<String> =
            members(shared, "headers").map(|(name, _)| format!("<code>{}</code>", escaped(name))).collect();
        if !headers.is_empty() {
            let _ = writeln!(inner, "<p>Headers: {}</p>", headers.join(", "));
        }
        for (media_type, media) in members(shared, "content") {
            let of = media.get("schema").map(|schema| format!(": {}", kind(schema))).unwrap_or_default();
            let _ = writeln!(inner, "<p><code>{}</code>{of}</p>", escaped(media_type));
            if let Some(example) = media.get("example") {
                let shown = match example {
                    Value::String(text) => text.clone(),
                    other => serde_json::to_string_pretty(other).unwrap_or_default(),
                };
                inner.push_str(&listing(&shown));
            }
        }
        if inner.is_empty() {
            return format!("<p class=\"answer\"><b>{status}</b> {said}</p>\n");
        }
        format!("<details class=\"answer\"><summary><b>{status}</b> {said}</summary>\n{inner}</details>\n")
    }

    fn messages(&self, main: &mut String) {
        main.push_str("<section id=\"messages\">\n<h2>Messages to receivers</h2>\n");
        for (_, item) in members(self.document, "webhooks") {
            let Some(value) = item.get("post") else { continue };
            let _ = write!(
                main,
                "<article id=\"{}\">\n<h3>{}</h3>\n{}",
                escaped(text(value, "operationId")),
                inline(text(value, "summary")),
                paragraphs(text(value, "description"))
            );
            if let Some(parameters) = value.get("parameters").and_then(Value::as_array) {
                main.push_str("<h4>Headers</h4>\n");
                main.push_str(&schema::parameters(parameters));
            }
            let media = value.pointer("/requestBody/content/application~1json").unwrap_or(&Value::Null);
            main.push_str("<h4>Body</h4>\n");
            main.push_str(&media.get("schema").map(fields).unwrap_or_default());
            for (_, example) in members(media, "examples") {
                let shown = example.get("value").map(serde_json::to_string_pretty);
                main.push_str(&listing(&shown.and_then(Result::ok).unwrap_or_default()));
            }
            main.push_str("</article>\n");
        }
        main.push_str("</section>\n");
    }

    fn errors(&self, main: &mut String) {
        main.push_str("<section id=\"errors\">\n<h2>Errors</h2>\n");
        let components = self.document.get("components").unwrap_or(&Value::Null);
        for (name, response) in members(components, "responses") {
            let media = response.pointer("/content/application~1problem+json").unwrap_or(&Value::Null);
            let _ = write!(
                main,
                "<article id=\"error-{0}\">\n<h3>{0}</h3>\n{1}",
                escaped(name),
                paragraphs(text(response, "description"))
            );
            for (_, example) in members(media, "examples") {
                let shown = example.get("value").map(serde_json::to_string_pretty);
                main.push_str(&listing(&shown.and_then(Result::ok).unwrap_or_default()));
            }
            main.push_str("</article>\n");
        }
        main.push_str("</section>\n");
    }

    /// The call as a command; ids are those of the document's examples.
    fn curl(&self, operation: &Operation<'_>) -> String {
        let Operation { method, path, value } = operation;
        let mut command = "curl".to_owned();
        if *method != "get" && !(*method == "post" && value.get("requestBody").is_some()) {
            let _ = write!(command, " -X {}", method.to_uppercase());
        }
        let query =
            value.get("parameters").and_then(Value::as_array).into_iter().flatten().find(|parameter| {
                text(parameter, "in") == "query" && parameter.get("required") == Some(&Value::Bool(true))
            });
        let query =
            query.map(|parameter| format!("?{}=battery", text(parameter, "name"))).unwrap_or_default();
        let _ = write!(command, " '{}{path}{query}'", self.origin);
        if value.get("security").and_then(Value::as_array).is_some_and(|keys| !keys.is_empty()) {
            command.push_str(" \\\n  -H \"Authorization: Bearer $KEY\"");
        }
        if let Some((_, example)) = self.bodies(value).next() {
            let body = example.to_string().replace('\'', "'\\''");
            let _ = write!(command, " \\\n  -H 'Content-Type: application/json' \\\n  -d '{body}'");
        }
        command
    }

    fn bodies(&self, operation: &'a Value) -> impl Iterator<Item = (&'a str, &'a Value)> {
        let media = operation.pointer("/requestBody/content/application~1json").unwrap_or(&Value::Null);
        members(media, "examples").filter_map(|(name, example)| Some((name, example.get("value")?)))
    }

    fn more_bodies(&self, operation: &'a Value) -> impl Iterator<Item = (&'a str, &'a Value)> {
        self.bodies(operation).skip(1)
    }

    fn resolved<'b>(&'b self, value: &'b Value) -> &'b Value {
        let pointer = value.get("$ref").and_then(Value::as_str).and_then(|pointer| pointer.strip_prefix('#'));
        pointer.and_then(|pointer| self.document.pointer(pointer)).unwrap_or(value)
    }
}

fn key(operation: &Value) -> &'static str {
    let security = operation.get("security").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    let names = |name: &str| security.iter().any(|scheme| scheme.get(name).is_some());
    match security {
        [] => "Needs no key.",
        _ if names("metrics") => "Needs the metrics token or the admin's key.",
        _ if names("admin") => "Needs the admin's key.",
        [_] => "Needs a key.",
        _ => "Works without a key here, and with one.",
    }
}

fn listing(text: &str) -> String {
    format!("<pre tabindex=\"0\"><code>{}</code></pre>\n", escaped(text))
}

fn text<'a>(value: &'a Value, name: &str) -> &'a str {
    value.get(name).and_then(Value::as_str).unwrap_or_default()
}

fn members<'a>(value: &'a Value, name: &str) -> impl Iterator<Item = (&'a str, &'a Value)> {
    let members: Option<&Map<String, Value>> = value.get(name).and_then(Value::as_object);
    members.into_iter().flatten().map(|(name, value)| (name.as_str(), value))
}

#[cfg(test)]
mod tests;
