//! The programming language of a code block, from the class names that highlighters use.

/// Longest name of a language that is passed on, such as `objective-c++`.
const NAME_CHARS_MAX: usize = 24;

/// From the class of `pre` or `code`: `language-rust`, `lang-js`, `highlight-source-shell`, `sourceCode python`,
/// `hljs go`, `brush: java`, `rust rust-example-rendered`.
pub(crate) fn of_code(class: &str) -> Option<String> {
    let names = || class.split([' ', '\t', '\n', ';', ',']).filter(|name| !name.is_empty());
    for name in names() {
        for prefix in ["language-", "lang-", "highlight-source-", "brush:"] {
            if let Some(found) = strip_prefix_ignoring_case(name, prefix).and_then(clean) {
                return Some(found);
            }
        }
    }
    let mut after = None;
    for name in names() {
        if name == "rust-example-rendered" {
            return Some("rust".to_owned());
        }
        if matches!(after, Some("sourceCode" | "hljs" | "brush:" | "src")) {
            return clean(name);
        }
        after = Some(name);
    }
    names().find_map(known)
}

/// A name that names a language wherever it stands.
pub(crate) fn known(name: &str) -> Option<String> {
    const LANGUAGES: [&str; 46] = [
        "bash",
        "c",
        "clojure",
        "cpp",
        "csharp",
        "css",
        "dart",
        "diff",
        "dockerfile",
        "elixir",
        "elm",
        "erlang",
        "fsharp",
        "go",
        "graphql",
        "groovy",
        "haskell",
        "html",
        "java",
        "javascript",
        "js",
        "json",
        "jsx",
        "julia",
        "kotlin",
        "lua",
        "matlab",
        "nix",
        "ocaml",
        "perl",
        "php",
        "powershell",
        "python",
        "ruby",
        "rust",
        "scala",
        "scss",
        "shell",
        "sql",
        "swift",
        "toml",
        "tsx",
        "typescript",
        "xml",
        "yaml",
        "zig",
    ];
    let name = clean(name)?;
    LANGUAGES.binary_search(&name.as_str()).ok().map(|_| name)
}

/// From the class of an element around `pre`: `highlight-source-rust`, `highlight-python3`, `language-sh highlighter-rouge`.
pub(crate) fn of_wrapper(class: &str) -> Option<String> {
    // Nearly no class has these words, and most lack their common letter.
    if !class.as_bytes().contains(&b'g') {
        return None;
    }
    let highlighted = class.contains("highlight");
    if !(highlighted || class.contains("language-")) {
        return None;
    }
    class
        .split_ascii_whitespace()
        .find_map(|name| {
            let name = name
                .strip_prefix("highlight-source-")
                .or_else(|| name.strip_prefix("highlight-text-"))
                .or_else(|| name.strip_prefix("highlight-"))
                .or_else(|| name.strip_prefix("language-").filter(|_| highlighted))?;
            clean(name)
        })
        // Hexo's `highlight js`, `syntaxhighlighter java`.
        .or_else(|| class.split_ascii_whitespace().find_map(known))
}

/// A name that is safe behind a fence; `None` for names that name no language.
pub(crate) fn clean(name: &str) -> Option<String> {
    let name = name.trim().to_ascii_lowercase();
    let named = !matches!(
        name.as_str(),
        "" | "none" | "default" | "plaintext" | "text" | "plain" | "nohighlight" | "auto"
    );
    let sound = name.chars().count() <= NAME_CHARS_MAX
        && name.starts_with(|c: char| c.is_ascii_alphabetic())
        && name.chars().all(|c| c.is_ascii_alphanumeric() || "+#.-_".contains(c));
    (named && sound).then_some(name)
}

fn strip_prefix_ignoring_case<'a>(text: &'a str, prefix: &str) -> Option<&'a str> {
    let (head, tail) = text.split_at_checked(prefix.len())?;
    head.eq_ignore_ascii_case(prefix).then_some(tail)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn highlighters_name_their_language_in_many_ways() {
        for (class, language) in [
            ("language-rust ignore", "rust"),
            ("lang-js", "js"),
            ("language-rust,no_run", "rust"),
            ("highlight-source-shell", "shell"),
            ("sourceCode python", "python"),
            ("hljs go", "go"),
            ("brush: java; toolbar: false", "java"),
            ("rust rust-example-rendered", "rust"),
            ("language-c++", "c++"),
        ] {
            assert_eq!(of_code(class).as_deref(), Some(language), "{class}");
        }
        assert_eq!(of_code("code-block wide"), None);
        assert_eq!(of_code("language-none"), None);
    }

    #[test]
    fn a_wrapper_names_a_language_only_when_it_highlights() {
        assert_eq!(of_wrapper("highlight-python3 notranslate").as_deref(), Some("python3"));
        assert_eq!(of_wrapper("language-sh highlighter-rouge").as_deref(), Some("sh"));
        assert_eq!(of_wrapper("language-en page"), None);
    }
}
