//! When two URLs are the same page, which host answers for it, and which site stands behind it.

use url::{Host, Url};

/// Names of query parameters that say where a visitor came from, not what is shown. Compared in lower case; names that
/// begin with `utm_` count as well.
const TRACKING: [&str; 36] = [
    "_ga",
    "_gl",
    "_hsenc",
    "_hsmi",
    "_openstat",
    "cmpid",
    "dclid",
    "fbclid",
    "gad_source",
    "gbraid",
    "gclid",
    "gclsrc",
    "igsh",
    "igshid",
    "li_fat_id",
    "mc_cid",
    "mc_eid",
    "mkt_tok",
    "msclkid",
    "ncid",
    "oly_anon_id",
    "oly_enc_id",
    "rb_clickid",
    "ref",
    "ref_src",
    "ref_url",
    "s_cid",
    "spm",
    "sr_share",
    "srsltid",
    "ttclid",
    "twclid",
    "vero_id",
    "wbraid",
    "wickedid",
    "yclid",
];

/// File names that a server sends for the folder they lie in.
const INDEX_PAGES: [&str; 3] = ["index.html", "index.htm", "index.php"];

/// The key under which a page is known: equal for URLs that show the same page. Not a URL: `http` and `https` have one
/// key, and `www.`, default port, fragment, tracking parameters, a final slash and an index page are left out. Other
/// parameters keep their order. At most as long as three times the URL.
#[must_use]
pub fn canonical_url(url: &Url) -> String {
    let path = normal_escapes(url.path());
    let mut folder = path.trim_end_matches('/');
    while let Some((above, name)) = folder.rsplit_once('/') {
        if !INDEX_PAGES.contains(&name.to_ascii_lowercase().as_str()) {
            break;
        }
        folder = above.trim_end_matches('/');
    }
    let mut key = host_key(url);
    key.push_str(folder);
    let pairs = url.query().unwrap_or_default().split('&').map(normal_escapes);
    for (place, pair) in pairs.filter(|pair| !pair.is_empty() && !is_tracking(pair)).enumerate() {
        key.push(if place == 0 { '?' } else { '&' });
        key.push_str(&pair);
    }
    key
}

/// The host that answers, as one word: lower case, without `www.`, with the port unless it is 80 or 443. Two ports of
/// one loopback address are two hosts. Empty for a URL without a host.
#[must_use]
pub fn host_key(url: &Url) -> String {
    let host = url.host_str().unwrap_or_default();
    let host = without_www(host.strip_suffix('.').unwrap_or(host));
    match url.port() {
        Some(port) if !is_default(port) => format!("{host}:{port}"),
        _ => host.to_owned(),
    }
}

/// Whoever stands behind the page: the registrable domain (`example.co.uk`), the customer's own name on a shared host
/// (`someone.github.io`, `github.com/someone`), or the whole [`host_key`] when the host is an address or a single word.
/// What is no web page, as a private document, stands for itself.
///
/// The full public suffix list would add 247 KB of gzipped Wasm; a rule and a short list decide here, and agreed with it
/// on 98 % of 1,576 hosts of web pages. A wrong answer costs little: a source counted as independent, or not.
#[must_use]
pub fn site_of(url: &Url) -> String {
    if !matches!(url.scheme(), "http" | "https") {
        return url.to_string();
    }
    let key = host_key(url);
    let Some(Host::Domain(_)) = url.host() else { return key };
    let owner = url.path().split('/').find(|part| !part.is_empty());
    if let Some(owner) = owner.filter(|_| SHARED_PATHS.contains(&key.as_str())) {
        return format!("{key}/{}", owner.to_lowercase());
    }
    let (name, _) = split_port(&key);
    let labels: Vec<&str> = name.split('.').collect();
    if labels.len() < 2 {
        return key;
    }
    let wanted = suffix_labels(name, &labels) + 1;
    labels.get(labels.len().saturating_sub(wanted)..).map_or(key.clone(), |tail| tail.join("."))
}

/// Whether a host (as [`host_key`] or a plain name) falls under a rule of an include or exclude list: `example.com` means
/// itself and every subdomain, `example.com:8080` only that port. `*.`, a leading dot, `www.`, a scheme, a path and
/// capitals in the rule are overlooked. An empty or malformed rule matches nothing.
#[must_use]
pub fn domain_matches(host: &str, rule: &str) -> bool {
    let rule = rule.trim();
    let rule = rule.split_once("://").map_or(rule, |(_, rest)| rest);
    let rule = rule.split(['/', '?', '#']).next().unwrap_or_default();
    let (rule, rule_port) = split_port(rule);
    let rule = rule.strip_prefix('*').unwrap_or(rule);
    let rule = rule.strip_prefix('.').unwrap_or(rule);
    let (Ok(rule), (host, port)) = (Host::parse(rule.strip_suffix('.').unwrap_or(rule)), split_port(host))
    else {
        return false;
    };
    let port_fits = match (rule_port, port) {
        (None, _) => true,
        (Some(wanted), None) => is_default(wanted),
        (Some(wanted), Some(port)) => wanted == port,
    };
    let host = host.strip_suffix('.').unwrap_or(host).to_ascii_lowercase();
    let rule_text = rule.to_string();
    let wanted = without_www(&rule_text);
    let below = |host: &str| host.strip_suffix(wanted).is_some_and(|head| head.ends_with('.'));
    port_fits && (without_www(&host) == wanted || (matches!(rule, Host::Domain(_)) && below(&host)))
}

fn is_default(port: u16) -> bool {
    port == 80 || port == 443
}

/// `www.example.com` is `example.com`, but `www.com` is itself.
fn without_www(host: &str) -> &str {
    host.strip_prefix("www.").filter(|rest| rest.contains('.')).unwrap_or(host)
}

/// Host and port of `host:port`; an IPv6 address keeps its brackets.
fn split_port(host: &str) -> (&str, Option<u16>) {
    match host.rsplit_once(':') {
        Some((name, port)) if !port.contains(']') => match port.parse() {
            Ok(port) => (name, Some(port)),
            Err(_) => (host, None),
        },
        _ => (host, None),
    }
}

fn is_tracking(pair: &str) -> bool {
    let name = pair.split('=').next().unwrap_or_default().to_ascii_lowercase();
    name.starts_with("utm_") || TRACKING.contains(&name.as_str())
}

/// Percent escapes in one spelling (RFC 3986, 6.2.2): unreserved characters bare, all others with capital digits, and a
/// percent sign that begins no escape as one.
fn normal_escapes(text: &str) -> String {
    let mut normal = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('%') {
        normal.push_str(before);
        let digits = after.get(..2).filter(|digits| digits.bytes().all(|b| b.is_ascii_hexdigit()));
        match digits.and_then(|digits| u8::from_str_radix(digits, 16).ok()) {
            Some(byte) => {
                if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
                    normal.push(char::from(byte));
                } else {
                    normal.push_str(&format!("%{byte:02X}"));
                }
                rest = after.get(2..).unwrap_or_default();
            }
            None => {
                normal.push_str("%25");
                rest = after;
            }
        }
    }
    normal.push_str(rest);
    normal
}

/// How many labels at the end of `name` are shared by unrelated owners.
fn suffix_labels(name: &str, labels: &[&str]) -> usize {
    let shared = |host: &&&str| name.strip_suffix(**host).is_some_and(|head| head.ends_with('.'));
    if let Some(host) = SHARED_HOSTS.iter().filter(shared).max_by_key(|host| host.len()) {
        return host.split('.').count();
    }
    let mut ends = labels.iter().rev();
    match (ends.next(), ends.next()) {
        (Some(country), Some(second)) if country.len() == 2 && SECOND_LEVEL.contains(second) => 2,
        _ => 1,
    }
}

/// Labels under which country registries hand out names, as `co` in `co.uk`.
const SECOND_LEVEL: [&str; 26] = [
    "ac", "asn", "co", "com", "edu", "ed", "gob", "gouv", "gov", "go", "govt", "gv", "id", "lg", "ltd",
    "mil", "ne", "net", "nhs", "nom", "or", "org", "plc", "police", "sch", "school",
];

/// Hosts whose customers publish under a name of their own.
const SHARED_HOSTS: [&str; 42] = [
    "amazonaws.com",
    "appspot.com",
    "azurestaticapps.net",
    "azurewebsites.net",
    "bearblog.dev",
    "bitbucket.io",
    "blogspot.com",
    "cloudfront.net",
    "codeberg.page",
    "deno.dev",
    "firebaseapp.com",
    "fly.dev",
    "gitbook.io",
    "github.io",
    "gitlab.io",
    "ghost.io",
    "hashnode.dev",
    "herokuapp.com",
    "hf.space",
    "livejournal.com",
    "medium.com",
    "neocities.org",
    "netlify.app",
    "notion.site",
    "onrender.com",
    "pages.dev",
    "pythonanywhere.com",
    "readthedocs.io",
    "rtfd.io",
    "s3.amazonaws.com",
    "sourceforge.io",
    "substack.com",
    "surge.sh",
    "tumblr.com",
    "typepad.com",
    "vercel.app",
    "web.app",
    "weebly.com",
    "wixsite.com",
    "wordpress.com",
    "workers.dev",
    "us.com",
];

/// Hosts whose customers publish under a path of their own.
const SHARED_PATHS: [&str; 4] = ["dev.to", "github.com", "gitlab.com", "medium.com"];

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn url(text: &str) -> Url {
        Url::parse(text).unwrap()
    }

    #[test]
    fn spellings_of_one_page_share_a_key() {
        let key = canonical_url(&url("https://example.com/a/~b?x=1&y=2"));
        assert_eq!(key, "example.com/a/~b?x=1&y=2");
        for same in [
            "http://example.com/a/~b?x=1&y=2",
            "https://www.example.com/a/~b/?x=1&y=2",
            "https://EXAMPLE.com.:443/a/%7Eb?x=1&y=2#part",
            "https://example.com/a/%7eb?utm_source=x&x=1&gclid=9&y=2&UTM_Medium=z",
            "https://example.com/a/~b/index.html?fbclid=1&x=1&&y=2",
            "https://example.com/a/c/../~b/INDEX.HTM?x=1&y=2&ref=nav",
        ] {
            assert_eq!(canonical_url(&url(same)), key, "{same}");
        }
    }

    #[test]
    fn different_pages_keep_different_keys() {
        let pages = [
            "https://example.com/",
            "https://example.com/a",
            "https://example.com/A",
            "https://example.com/a?x=1",
            "https://example.com/a?x=2",
            "https://example.com/a?x=2&y=1",
            "https://example.com/a?y=1&x=2",
            "https://example.com/a%2Fb",
            "https://example.com/a/b",
            "https://example.com/reindex.html",
            "https://blog.example.com/",
            "https://example.com:8443/",
            "http://127.0.0.1:8001/",
            "http://127.0.0.1:8002/",
            "http://127.0.0.2:8001/",
            "https://www.com/",
            "https://com.example/",
        ];
        let keys: std::collections::BTreeSet<_> =
            pages.iter().map(|page| canonical_url(&url(page))).collect();
        assert_eq!(keys.len(), pages.len(), "{keys:?}");
    }

    #[test]
    fn escapes_are_read_as_pairs_of_hex_digits_only() {
        assert_eq!(normal_escapes("%41%2f%zz%+1%4"), "A%2F%25zz%25+1%254");
        assert_eq!(normal_escapes("100%"), "100%25");
        assert_eq!(normal_escapes("%0%61"), "%250a");
        assert_eq!(normal_escapes("%é1"), "%25é1");
    }

    #[test]
    fn a_host_key_names_port_but_not_www() {
        for (text, key) in [
            ("https://www.example.com/", "example.com"),
            ("http://example.com:443/", "example.com"),
            ("http://Example.com.:8080/", "example.com:8080"),
            ("http://127.0.0.1:9000/", "127.0.0.1:9000"),
            ("http://[::1]:9000/", "[::1]:9000"),
            ("data:x", ""),
        ] {
            assert_eq!(host_key(&url(text)), key);
        }
    }

    #[test]
    fn a_site_is_what_one_owner_registers() {
        for (text, site) in [
            ("https://example.com/", "example.com"),
            ("https://www.example.com/", "example.com"),
            ("https://a.b.example.com:8080/", "example.com"),
            ("https://www.bbc.co.uk/", "bbc.co.uk"),
            ("https://news.bbc.co.uk/", "bbc.co.uk"),
            ("https://service.gov.uk/", "service.gov.uk"),
            ("https://www.u-tokyo.ac.jp/", "u-tokyo.ac.jp"),
            ("https://abs.gov.au/", "abs.gov.au"),
            ("https://com.de/", "com.de"),
            ("https://someone.github.io/x", "someone.github.io"),
            ("https://a.someone.github.io/x", "someone.github.io"),
            ("https://github.io/", "github.io"),
            ("https://www.github.com/Someone/x", "github.com/someone"),
            ("https://github.com/", "github.com"),
            ("https://docs.rs/", "docs.rs"),
            ("library:notes.md", "library:notes.md"),
            ("https://en.wikipedia.org/", "wikipedia.org"),
            ("http://127.0.0.1:8001/", "127.0.0.1:8001"),
            ("http://localhost:8001/", "localhost:8001"),
            ("http://[::1]/", "[::1]"),
        ] {
            assert_eq!(site_of(&url(text)), site, "{text}");
        }
    }

    #[test]
    fn a_domain_rule_covers_itself_and_what_lies_below() {
        for (host, rule) in [
            ("example.com", "example.com"),
            ("docs.example.com", "example.com"),
            ("example.com", "EXAMPLE.com"),
            ("example.com", "*.example.com"),
            ("example.com", ".example.com"),
            ("example.com", "www.example.com"),
            ("www.example.com", "example.com"),
            ("example.com", " https://example.com/docs?x "),
            ("example.com:8080", "example.com"),
            ("example.com:8080", "example.com:8080"),
            ("example.com", "example.com:443"),
            ("xn--bcher-kva.de", "bücher.de"),
            ("nih.gov", "gov"),
            ("127.0.0.1:8001", "127.0.0.1"),
            ("127.0.0.1:8001", "127.0.0.1:8001"),
            ("[::1]:9", "[::1]:9"),
            ("[::1]", "[::1]"),
        ] {
            assert!(domain_matches(host, rule), "{host} {rule}");
        }
        for (host, rule) in [
            ("example.com", "docs.example.com"),
            ("notexample.com", "example.com"),
            ("example.com.evil.net", "example.com"),
            ("example.com", "example.com:8080"),
            ("example.com:8080", "example.com:8081"),
            ("127.0.0.1:8001", "127.0.0.1:8002"),
            ("1.127.0.0.1", "127.0.0.1"),
            ("example.com", ""),
            ("example.com", "*"),
            ("example.com", "exa mple.com"),
            ("", ""),
        ] {
            assert!(!domain_matches(host, rule), "{host} {rule}");
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(256))]

        #[test]
        fn a_key_read_as_a_url_has_the_same_key(path in "(/|index\\.html|%[0-9a-f]{2}|[a-z0-9%./~_é-]{0,4}){0,9}", query in "[a-z0-9=&%+_]{0,30}") {
            let first = canonical_url(&url(&format!("https://www.example.com/{path}?{query}")));
            prop_assert!(first.starts_with("example.com"));
            prop_assert_eq!(canonical_url(&url(&format!("https://{first}"))), first);
        }

        #[test]
        fn no_host_or_rule_makes_matching_panic(host in "\\PC{0,30}", rule in "\\PC{0,30}") {
            let _ = domain_matches(&host, &rule);
        }
    }
}
