//! Text that a page holds as data for its scripts, read without running them: the state that Next.js, Nuxt, Gatsby, Apollo,
//! Remix, SvelteKit and others leave in a page, whatever its shape.
//!
//! The data is kept as it is while the page passes, and walked only if the page itself turns out to have no text.

mod prose;
mod walk;

use super::json::{Token, Walk};
use prose::Prose;
use std::borrow::Cow;

/// The data of one page.
#[derive(Debug, Default)]
pub(crate) struct Islands {
    held: Vec<(Form, String)>,
    /// The pushes of a flight, joined: its rows run across them.
    flight: String,
    bytes: usize,
}

/// How a script holds data.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Form {
    /// JSON, or JavaScript that assigns it to something.
    Data,
    /// Nuxt's list of values that refer to one another by their places.
    Devalue,
    /// Next.js's rows, pushed piece by piece.
    Flight,
}

/// Data that is kept of one page. A page of nothing but data is then held once more, and what is made of it is a quarter of
/// that at most: three times the page.
const BYTES_MAX: usize = 1_048_576;
/// Scripts with data that are kept; flights are joined and count as one.
const SCRIPTS_MAX: usize = 64;
/// Code is told from data by so many bytes.
const START_BYTES: usize = 64;

impl Form {
    /// By a script's attributes: JSON is never code.
    pub(crate) fn of_element(kind: &str, id: &str) -> Option<Self> {
        if id == "__NUXT_DATA__" {
            return Some(Self::Devalue);
        }
        let kind = kind.trim();
        (kind.eq_ignore_ascii_case("application/json") || kind.eq_ignore_ascii_case("text/json"))
            .then_some(Self::Data)
    }

    /// By how a script's code begins: an assignment to one of the names that frameworks use.
    pub(crate) fn of_code(code: &str) -> Option<Self> {
        const NAMES: &str = "__NUXT__ __NEXT_DATA__ __APOLLO_STATE__ __INITIAL_STATE__ __PRELOADED_STATE__ __INITIAL_DATA__ __STATE__ \
            __DATA__ __remixContext __staticRouterHydrationData __REDUX_STATE__ __INITIAL_PROPS__ __PRELOADED_DATA__ __RELAY_STORE__ \
            ___INITIAL_STATE__ __APP_DATA__ __APP_INITIAL_STATE__ __data __state initialState preloadedState pageData";
        let start = code.trim_start().get(..START_BYTES).unwrap_or(code.trim_start());
        if start.contains("__next_f") {
            return start.contains(".push(").then_some(Self::Flight);
        }
        let (left, _) = start.split_once('=')?;
        let name = left.trim().trim_end_matches(['"', '\'', ']']);
        let name = name.rsplit(|c: char| !c.is_alphanumeric() && c != '_').next().unwrap_or_default();
        NAMES.split_whitespace().any(|known| known == name).then_some(Self::Data)
    }
}

impl Islands {
    /// Bytes that may still be kept.
    pub(crate) fn room(&self) -> usize {
        if self.held.len() < SCRIPTS_MAX { BYTES_MAX.saturating_sub(self.bytes) } else { 0 }
    }

    /// Keeps the text of a script.
    pub(crate) fn keep(&mut self, form: Form, text: String) {
        self.bytes = self.bytes.saturating_add(text.len());
        if form != Form::Flight {
            self.held.push((form, text));
        } else if let Some(Token::Text(row)) = Walk::new(&text).find(|token| matches!(token, Token::Text(_)))
        {
            self.flight.push_str(&row);
        }
    }

    /// The prose in the data, as markup; empty when there is none worth the name. The data itself is let go. `titles` is what
    /// the page calls itself.
    pub(crate) fn into_markup(self, titles: &[&str]) -> String {
        let mut prose = Prose::default();
        for (form, text) in self.held {
            match form {
                Form::Devalue => walk::devalue(&text, &mut prose),
                Form::Data | Form::Flight => walk::data(&text, &mut prose),
            }
        }
        walk::flight(&self.flight, &mut prose);
        drop(self.flight);
        prose.into_markup(titles)
    }
}

/// Markup of a text that may be markup already: plain text gets a paragraph for each of its lines.
pub(crate) fn markup(text: &str) -> Cow<'_, str> {
    if text.contains("</") || text.contains("<br") {
        return text.into();
    }
    let lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
    lines.map(|line| format!("<p>{}</p>", escaped(line))).collect::<String>().into()
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;")
}

#[cfg(test)]
mod tests {
    use super::*;

    const STORY: &str =
        "The mill at the edge of the village ground its last flour in the spring of that year.";

    fn read(form: Form, scripts: &[String]) -> String {
        let mut islands = Islands::default();
        for script in scripts {
            islands.keep(form, script.clone());
        }
        islands.into_markup(&["The last mill | The Paper"])
    }

    #[test]
    fn frameworks_are_known_by_their_attributes_and_names() {
        assert_eq!(Form::of_element("application/json", "__NEXT_DATA__"), Some(Form::Data));
        assert_eq!(Form::of_element("application/json", "__NUXT_DATA__"), Some(Form::Devalue));
        assert_eq!(Form::of_element("text/template", ""), None);
        for code in [
            "window.__NUXT__=(function(a){return {data:[]}}(1))",
            "\n  window.__APOLLO_STATE__ = {\"a\":1};",
            "window['__PRELOADED_STATE__'] = {}",
            "var __INITIAL_STATE__={}",
        ] {
            assert_eq!(Form::of_code(code), Some(Form::Data), "{code}");
        }
        assert_eq!(Form::of_code("self.__next_f.push([1,\"0:x\"])"), Some(Form::Flight));
        for code in [
            "(self.__next_f=self.__next_f||[]).length",
            "window.dataLayer = []",
            "var x = 1",
            "!function(){}()",
        ] {
            assert_eq!(Form::of_code(code), None, "{code}");
        }
    }

    #[test]
    fn next_pages_hold_a_post_among_their_settings() {
        let page = format!(
            r#"{{"props":{{"pageProps":{{"locale":"en","translations":{{"cookies":"We use cookies so that this site works as well as it can for you and others."}},
            "post":{{"title":"The last mill","slug":"the-last-mill","excerpt":"{STORY}","body":"<p>{STORY}</p><h2>Later</h2><p>Nobody spoke of it. {STORY}</p>"}}}}}},
            "page":"/post/[slug]","buildId":"aGVsbG8gd29ybGQ","runtimeConfig":{{"note":"This text is a setting and nobody is meant to read any of it, ever."}}}}"#
        );
        assert_eq!(
            read(Form::Data, &[page]),
            format!("<h2>The last mill</h2><p>{STORY}</p><h2>Later</h2><p>Nobody spoke of it. {STORY}</p>")
        );
    }

    #[test]
    fn what_is_called_like_the_page_is_its_text_among_others() {
        let others = format!(
            r#"{{"title":"Another mill","text":"Of another mill. {STORY} {}"}}"#,
            "It ground on and on. ".repeat(40)
        );
        let page = format!(
            r#"{{"list":[{others}],"post":{{"title":"The last mill","text":"{}"}}}}"#,
            STORY.repeat(4)
        );
        assert_eq!(read(Form::Data, &[page]), format!("<h2>The last mill</h2><p>{}</p>", STORY.repeat(4)));
    }

    #[test]
    fn settings_alone_are_no_text() {
        let page = r#"{"props":{"pageProps":{"i18n":{"a":"Please accept our terms and conditions before you go on to the next step of this form."},
            "theme":{"css":"body { margin: 0; } .a { color: red; } .b { color: blue; } .c { padding: 0 0 0 0; }"},
            "token":"eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9eyJzdWIiOiIxMjM0NTY3ODkwIiwibmFtZSI6IkpvaG4"}},"query":{},"isFallback":false}"#;
        assert_eq!(read(Form::Data, &[page.to_owned()]), "");
    }

    #[test]
    fn rich_text_trees_keep_their_order_and_headings() {
        let contentful = format!(
            r#"{{"body":{{"nodeType":"document","content":[
            {{"nodeType":"heading-2","content":[{{"nodeType":"text","value":"A heading","marks":[]}}]}},
            {{"nodeType":"paragraph","content":[{{"nodeType":"text","value":"It began "}},
              {{"nodeType":"hyperlink","data":{{"uri":"https://e.com"}},"content":[{{"nodeType":"text","value":"with a link"}}]}},
              {{"nodeType":"text","value":". {STORY}"}}]}}]}}}}"#
        );
        let expected = format!("<h2>A heading</h2><p>It began with a link. {STORY}</p>");
        assert_eq!(read(Form::Data, &[contentful]), expected);
        let sanity = format!(
            r#"{{"content":[{{"_type":"block","children":[{{"_type":"span","marks":[],"text":"A heading"}}],"style":"h2"}},
            {{"_type":"block","children":[{{"_type":"span","text":"It began "}},{{"_type":"span","text":"with a link"}},{{"_type":"span","text":". {STORY}"}}],"style":"normal"}}]}}"#
        );
        assert_eq!(read(Form::Data, &[sanity]), expected);
        let prosemirror = format!(
            r#"{{"type":"doc","content":[{{"type":"heading","attrs":{{"level":2}},"content":[{{"type":"text","text":"A heading"}}]}},
            {{"type":"paragraph","content":[{{"type":"text","text":"It began with a link. {STORY}"}}]}}]}}"#
        );
        assert_eq!(read(Form::Data, &[prosemirror]), expected);
        let slate = format!(
            r#"[{{"type":"h2","children":[{{"text":"A heading"}}]}},{{"children":[{{"text":"It began "}},{{"type":"a","children":[{{"text":"with a link"}}]}},{{"text":". {STORY}"}}]}}]"#
        );
        assert_eq!(read(Form::Data, &[slate]), expected);
        let draft = format!(
            r#"{{"blocks":[{{"key":"a","text":"A heading","type":"header-two"}},{{"key":"b","text":"It began with a link. {STORY}","type":"unstyled"}}]}}"#
        );
        assert_eq!(read(Form::Data, &[draft]), expected);
        let editor = format!(
            r#"{{"blocks":[{{"type":"header","data":{{"text":"A heading","level":2}}}},{{"type":"paragraph","data":{{"text":"It began with a link. {STORY}"}}}}]}}"#
        );
        assert_eq!(read(Form::Data, &[editor]), expected);
    }

    #[test]
    fn nuxt_refers_by_place_or_calls_a_function() {
        let devalue = format!(
            r#"[["Reactive",1],{{"data":2}},{{"post":3}},{{"title":4,"body":5}},"The last mill","<p>{STORY}</p>"]"#
        );
        let expected = format!("<h2>The last mill</h2><p>{STORY}</p>");
        assert_eq!(read(Form::Devalue, &[devalue]), expected);
        let called = format!(
            r#"window.__NUXT__=(function(a,b){{return {{layout:"default",data:[{{post:{{title:"The last mill",body:"\u003Cp\u003E{STORY}\u003C/p\u003E",draft:a}}}}]}}}}(false,null));"#
        );
        assert_eq!(read(Form::Data, &[called]), expected);
    }

    #[test]
    fn flights_are_joined_across_their_pushes() {
        let row = format!(
            r#"2:["$","article",null,{{"children":[["$","h2",null,{{"children":"The last mill"}}],["$","p",null,{{"children":["So it was: ",["$","em",null,{{"children":"quiet"}}],". {STORY}"]}}]]}}]"#
        );
        let text =
            format!("3:T{:x},{STORY} And so it ended.1:null\n", STORY.len() + " And so it ended.".len());
        let whole = format!("1:\"$Sreact.fragment\"\n{row}\n{text}");
        let (a, b) = whole.split_at(200);
        let push = |part: &str| format!("self.__next_f.push([1,{}])", serde_json::Value::from(part));
        assert_eq!(
            read(Form::Flight, &[push(a), push(b)]),
            format!("<h2>The last mill</h2><p>So it was: quiet. {STORY}</p><p>{STORY} And so it ended.</p>")
        );
    }

    #[test]
    fn json_within_json_is_read_too() {
        let inner = serde_json::Value::from(format!(r#"{{"post":{{"text":"{STORY}"}}}}"#));
        let fetched = format!(r#"{{"status":200,"headers":{{}},"body":{inner}}}"#);
        assert_eq!(read(Form::Data, &[fetched]), format!("<p>{STORY}</p>"));
    }

    #[test]
    fn what_is_kept_is_bounded() {
        let mut islands = Islands::default();
        for _ in 0..1_000 {
            if islands.room() > 0 {
                islands.keep(Form::Data, "x".repeat(100_000));
            }
        }
        assert!(islands.bytes <= BYTES_MAX + 100_000 && islands.held.len() <= SCRIPTS_MAX);
        let deep = "{\"a\":[".repeat(50_000);
        assert_eq!(read(Form::Data, &[deep]), "");
    }
}
