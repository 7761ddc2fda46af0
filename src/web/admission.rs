//! Which URLs may be fetched: the one gate in front of every fetch whose target somebody else chose.

mod public;

use public::judge_host;
use thiserror::Error;
use url::{Host, ParseError, Url};

/// Longest URL that is admitted, in characters and in bytes of its normal form: what browsers and search engines
/// agree on, and an eighth of the platform's 16 KB.
pub const URL_CHARS_MAX: usize = 2_048;
/// Most exceptions an operator may name: a handful is the use, more is a mistake in the setting.
const EXCEPTIONS_MAX: usize = 64;

/// Judges URLs by scheme, host and port. Addresses are judged after parsing, so every spelling of an address is the
/// same address.
///
/// A name that *resolves* to a private address cannot be seen here: no lookup can be made before the connection, and
/// one made beside it would race it. The platform's network layer stands behind this gate for that case.
#[derive(Clone, Debug, Default)]
pub struct Admission {
    /// Normalised host and port pairs that are admitted whatever they are.
    exceptions: Vec<(Host<String>, u16)>,
}

/// Why a URL is not fetched. The text names the host at most, never path or query.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum Refusal {
    /// It is not a URL.
    #[error("not a valid absolute URL")]
    Unparseable,
    /// Longer than [`URL_CHARS_MAX`].
    #[error("the URL is longer than {URL_CHARS_MAX} characters")]
    TooLong,
    /// Neither `http` nor `https`.
    #[error("only http and https URLs are fetched")]
    NotHttp,
    /// No host.
    #[error("the URL has no host")]
    NoHost,
    /// A user name or password stands in front of the host.
    #[error("URLs with a user name or password are not fetched")]
    Credentials,
    /// The host is, or spells, an address that is not on the public internet.
    #[error("{host} is not a public address")]
    PrivateAddress {
        /// The host as it was normalised.
        host: String,
    },
    /// The host is a name that only means something inside a network.
    #[error("{host} is not a public host name")]
    LocalName {
        /// The host as it was normalised.
        host: String,
    },
    /// A reserved port other than 80 and 443: mail, shells and directories listen there, not pages.
    #[error("port {port} is not a web port")]
    Port {
        /// The port.
        port: u16,
    },
}

impl Refusal {
    /// Whether the URL is right in form and names a place that is not called; else it is wrong in form.
    #[must_use]
    pub fn is_of_place(&self) -> bool {
        matches!(self, Self::PrivateAddress { .. } | Self::LocalName { .. } | Self::Port { .. })
    }
}

impl Admission {
    /// The gate with an operator's exceptions: a comma-separated list of `host:port` pairs, such as
    /// `127.0.0.1:8081, docs.local:80, [::1]:9000`. An empty text means no exception.
    ///
    /// # Errors
    /// A sentence for the operator when an entry is not exactly one host and one port from 1 to 65535, or when there
    /// are more than 64.
    pub fn new(allowed: &str) -> Result<Self, String> {
        let mut exceptions = Vec::new();
        for entry in allowed.split(',').map(str::trim).filter(|entry| !entry.is_empty()) {
            if exceptions.len() == EXCEPTIONS_MAX {
                return Err(format!("more than {EXCEPTIONS_MAX} host:port pairs"));
            }
            exceptions.push(exception(entry)?);
        }
        Ok(Self { exceptions })
    }

    /// The URL in the form in which it may be fetched: parsed, without fragment, without the dot behind the host.
    ///
    /// # Errors
    /// The [`Refusal`] that applies.
    pub fn admit(&self, url: &str) -> Result<Url, Refusal> {
        check_length(url)?;
        self.judge(Url::parse(url).map_err(refusal)?)
    }

    /// The target of a redirect from an admitted URL, judged like any other URL.
    ///
    /// # Errors
    /// The [`Refusal`] that applies.
    pub fn admit_redirect(&self, from: &Url, location: &str) -> Result<Url, Refusal> {
        check_length(location)?;
        self.judge(from.join(location).map_err(refusal)?)
    }

    fn judge(&self, mut url: Url) -> Result<Url, Refusal> {
        if !matches!(url.scheme(), "http" | "https") {
            return Err(Refusal::NotHttp);
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err(Refusal::Credentials);
        }
        let host = without_final_dot(url.host().ok_or(Refusal::NoHost)?.to_owned())?;
        let port = url.port_or_known_default().ok_or(Refusal::NotHttp)?;
        if !self.exceptions.iter().any(|(h, p)| *h == host && *p == port) {
            judge_host(&host)?;
            if port < 1024 && port != 80 && port != 443 {
                return Err(Refusal::Port { port });
            }
        }
        url.set_host(Some(&host.to_string())).map_err(|_| Refusal::Unparseable)?;
        url.set_fragment(None);
        if url.as_str().len() > URL_CHARS_MAX { Err(Refusal::TooLong) } else { Ok(url) }
    }
}

fn exception(entry: &str) -> Result<(Host<String>, u16), String> {
    // The entry itself is not shown: settings may hold a secret that was put into the wrong place.
    let wrong = || "every entry must be `host:port`, such as `127.0.0.1:8080` or `docs.local:80`".to_owned();
    let (host, port) = entry.rsplit_once(':').ok_or_else(wrong)?;
    if host.is_empty() || host.contains('*') || !port.bytes().all(|b| b.is_ascii_digit()) {
        return Err(wrong());
    }
    let port = port.parse::<u16>().ok().filter(|p| *p > 0).ok_or_else(wrong)?;
    let host = Host::parse(host).map_err(|_| wrong())?;
    Ok((without_final_dot(host).map_err(|_| wrong())?, port))
}

fn check_length(url: &str) -> Result<(), Refusal> {
    if url.chars().take(URL_CHARS_MAX + 1).count() > URL_CHARS_MAX { Err(Refusal::TooLong) } else { Ok(()) }
}

fn refusal(error: ParseError) -> Refusal {
    if error == ParseError::EmptyHost { Refusal::NoHost } else { Refusal::Unparseable }
}

/// `example.com.` and `example.com` are one host; two dots in a row are none.
fn without_final_dot(host: Host<String>) -> Result<Host<String>, Refusal> {
    let Host::Domain(name) = host else { return Ok(host) };
    let name = name.strip_suffix('.').unwrap_or(&name);
    if name.is_empty() {
        return Err(Refusal::NoHost);
    }
    if name.split('.').any(str::is_empty) {
        return Err(Refusal::Unparseable);
    }
    Host::parse(name).map_err(refusal)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn gate() -> Admission {
        Admission::new("").unwrap()
    }

    /// Spellings that must never leave the machine, whichever refusal they meet.
    const REFUSED: &[&str] = &[
        // loopback, in every notation the URL standard folds
        "http://127.0.0.1/",
        "http://127.0.0.1:8080/",
        "http://127.1/",
        "http://127.0.1/",
        "http://127.255.255.254/",
        "http://2130706433/",
        "http://0x7f000001/",
        "http://0x7f.0.0.1/",
        "http://0X7F.1/",
        "http://0177.0.0.1/",
        "http://017700000001/",
        "http://0177.0.0.0x1/",
        "http://00000177.0.0.1/",
        "http://127.0.0.1./",
        "http://127.0.0.1../",
        "http://%31%32%37.0.0.1/",
        "http://127%2e0%2e0%2e1/",
        "http://\u{ff11}\u{ff12}\u{ff17}.\u{ff10}.\u{ff10}.\u{ff11}/",
        "http://①②⑦.⓪.⓪.①/",
        "http://127。0。0。1/",
        "http://127.0.0。1/",
        "http:/127.0.0.1/",
        "http:127.0.0.1/",
        "http:///127.0.0.1/",
        "http:\\\\127.0.0.1\\",
        "http://127.0.0.1\\@example.com/",
        " \thttp://127.0.0.1/ \n",
        "ht\ntp://127.0\t.0.1/",
        "HTTP://127.0.0.1/",
        // other closed v4
        "http://0/",
        "http://0.0.0.0/",
        "http://0.1.2.3/",
        "http://10.0.0.1/",
        "http://10.255.255.255/",
        "http://167772161/",
        "http://100.64.0.1/",
        "http://100.100.100.200/",
        "http://100.127.255.255/",
        "http://169.254.169.254/latest/meta-data/",
        "http://0xa9fea9fe/",
        "http://2852039166/",
        "http://0251.0376.0251.0376/",
        "http://169.254.43518/",
        "http://168.63.129.16/",
        "http://172.16.0.1/",
        "http://172.31.255.255/",
        "http://192.0.0.192/",
        "http://192.0.2.1/",
        "http://192.88.99.1/",
        "http://192.168.0.1/",
        "http://192.168.257/",
        "http://198.18.0.1/",
        "http://198.19.255.255/",
        "http://198.51.100.7/",
        "http://203.0.113.7/",
        "http://224.0.0.1/",
        "http://239.255.255.250/",
        "http://240.0.0.1/",
        "http://255.255.255.255/",
        "http://4294967295/",
        // v6
        "http://[::]/",
        "http://[::1]/",
        "http://[0:0:0:0:0:0:0:1]/",
        "http://[0000:0000:0000:0000:0000:0000:0000:0001]/",
        "http://[::1]:8080/",
        "http://[::ffff:127.0.0.1]/",
        "http://[::ffff:7f00:1]/",
        "http://[::FFFF:7F00:0001]/",
        "http://[0:0:0:0:0:ffff:10.0.0.1]/",
        "http://[::ffff:169.254.169.254]/",
        "http://[::127.0.0.1]/",
        "http://[::ffff:0:127.0.0.1]/",
        "http://[64:ff9b::7f00:1]/",
        "http://[64:ff9b::127.0.0.1]/",
        "http://[64:ff9b:1::1]/",
        "http://[fe80::1]/",
        "http://[fe80::1%25eth0]/",
        "http://[fe80::1%eth0]/",
        "http://[febf::1]/",
        "http://[fec0::1]/",
        "http://[fc00::1]/",
        "http://[fd00:ec2::254]/",
        "http://[ff02::1]/",
        "http://[100::1]/",
        "http://[2001::1]/",
        "http://[2001:db8::1]/",
        "http://[2002:7f00:1::]/",
        "http://[3fff::1]/",
        "http://[5f00::1]/",
        "http://[::ffff:127.0.0.1/",
        // names
        "http://localhost/",
        "http://LOCALHOST/",
        "http://LocalHost./",
        "http://localhost../",
        "http://\u{ff4c}ocalhost/",
        "http://loc%61lhost/",
        "http://a.localhost/",
        "http://localhost.localdomain/",
        "http://printer.local/",
        "http://printer.local./",
        "http://metadata.google.internal/computeMetadata/v1/",
        "http://metadata.google.internal./",
        "http://Metadata.Google.INTERNAL/",
        "http://metadata.goog/",
        "http://metadata/",
        "http://intranet/",
        "http://router.lan/",
        "http://nas.home.arpa/",
        "http://1.0.0.127.in-addr.arpa/",
        "http://kubernetes.default.svc/",
        "http://kubernetes.default.svc.cluster.local/",
        "http://host.docker.internal/",
        "http://shop.test/",
        // names that spell an address
        "http://127.0.0.1.nip.io/",
        "http://127-0-0-1.nip.io/",
        "http://7f000001.nip.io/",
        "http://8.8.8.8.nip.io/",
        "http://10-0-0-1.sslip.io/",
        "http://--1.sslip.io/",
        "http://www.10.0.0.1.xip.io/",
        "http://localtest.me/",
        "http://anything.localtest.me/",
        "http://app.lvh.me/",
        "http://7f000001.c0a80001.rbndr.us/",
        "http://10.0.0.1.example.com/",
        "http://app-192-168-1-1.example.com/",
        "http://ip-10-0-0-1.ec2.example.com/",
        "http://a.169.254.169.254.b.example.com/",
        // not the web
        "file:///etc/passwd",
        "data:text/html,hi",
        "javascript:alert(1)",
        "ftp://example.com/",
        "ws://example.com/",
        "gopher://example.com/",
        "blob:http://example.com/1",
        "about:blank",
        // userinfo
        "http://user@example.com/",
        "http://user:pass@example.com/",
        "http://:pass@example.com/",
        "http://example.com@127.0.0.1/",
        "http://127.0.0.1@example.com/",
        // no host, or no URL
        "",
        "http://",
        "http://./",
        "http://../",
        "https:///",
        "//example.com/",
        "/etc/passwd",
        "example.com",
        "http://exa mple.com/",
        "http://a..example.com/",
        "http://example.com:99999/",
        "http://1.2.3.4.5/",
        "http://256.256.256.256/",
        // ports that are not the web's
        "http://example.com:22/",
        "http://example.com:25/",
        "http://example.com:0/",
        "https://example.com:993/",
    ];

    #[test]
    fn no_spelling_of_a_closed_target_is_admitted() {
        assert!(REFUSED.len() >= 140, "{}", REFUSED.len());
        let admitted: Vec<_> = REFUSED.iter().filter(|url| gate().admit(url).is_ok()).collect();
        assert!(admitted.is_empty(), "{admitted:?}");
    }

    #[test]
    fn no_redirect_reaches_a_closed_target() {
        let from = Url::parse("https://example.com/a/b").unwrap();
        let absolute = |url: &&&str| url.contains(':');
        for url in REFUSED.iter().filter(absolute) {
            // Without slashes `http:` is read relative to an http base, so an https base is used above.
            assert!(gate().admit_redirect(&from, url).is_err(), "{url}");
        }
        for location in ["//127.0.0.1/", "\\\\127.0.0.1\\", "/\\127.0.0.1/", "//localhost", "///[::1]/"] {
            assert!(gate().admit_redirect(&from, location).is_err(), "{location}");
        }
    }

    #[test]
    fn public_pages_are_admitted_in_normal_form() {
        for (url, normal) in [
            ("https://example.com", "https://example.com/"),
            ("http://example.com:80/a?b=c#d", "http://example.com/a?b=c"),
            ("https://EXAMPLE.com./x", "https://example.com/x"),
            ("https://bücher.example.com/ü", "https://xn--bcher-kva.example.com/%C3%BC"),
            ("http://example.com:8080/", "http://example.com:8080/"),
            ("http://8.8.8.8/", "http://8.8.8.8/"),
            ("http://172.32.0.1/", "http://172.32.0.1/"),
            ("http://[2606:4700::1111]/", "http://[2606:4700::1111]/"),
            ("http://[::ffff:8.8.8.8]/", "http://[::ffff:808:808]/"),
            ("https://release-1-2-3-4.example.com/", "https://release-1-2-3-4.example.com/"),
            ("https://notlocalhost.com/", "https://notlocalhost.com/"),
            ("https://internal.example.com/", "https://internal.example.com/"),
            ("https://snip.io/", "https://snip.io/"),
        ] {
            assert_eq!(gate().admit(url).map(String::from), Ok(normal.to_owned()), "{url}");
        }
    }

    #[test]
    fn a_redirect_is_resolved_against_the_page_it_came_from() {
        let from = Url::parse("https://example.com/a/b?c").unwrap();
        let target = gate().admit_redirect(&from, "../d#e").unwrap();
        assert_eq!(target.as_str(), "https://example.com/d");
    }

    #[test]
    fn each_refusal_says_what_is_wrong() {
        let refused = |url: &str| gate().admit(url).unwrap_err();
        assert_eq!(refused("ftp://example.com/"), Refusal::NotHttp);
        assert_eq!(refused("http://u@example.com/"), Refusal::Credentials);
        assert_eq!(refused("http://0x7f.1/"), Refusal::PrivateAddress { host: "127.0.0.1".into() });
        assert_eq!(refused("http://[::1]/"), Refusal::PrivateAddress { host: "[::1]".into() });
        assert_eq!(refused("http://box.local./"), Refusal::LocalName { host: "box.local".into() });
        assert_eq!(refused("http://example.com:25/"), Refusal::Port { port: 25 });
        assert_eq!(refused("http://"), Refusal::NoHost);
        assert_eq!(refused("nonsense"), Refusal::Unparseable);
    }

    #[test]
    fn long_urls_are_refused_before_and_after_normalising() {
        let long = format!("https://example.com/{}", "a".repeat(URL_CHARS_MAX));
        assert_eq!(gate().admit(&long), Err(Refusal::TooLong));
        let grows = format!("https://example.com/{}", "ü".repeat(1_000));
        assert_eq!(gate().admit(&grows), Err(Refusal::TooLong));
        let fits = format!("https://example.com/{}", "a".repeat(URL_CHARS_MAX - 20));
        assert!(gate().admit(&fits).is_ok());
    }

    #[test]
    fn an_exception_opens_exactly_its_host_and_port() {
        let gate = Admission::new("127.0.0.1:8081, Docs.Local:80,[::1]:9000 ,10.0.0.1:22,").unwrap();
        for open in [
            "http://127.0.0.1:8081/",
            "https://127.0.0.1:8081/",
            "http://0x7f.1:8081/",
            "http://docs.local/",
            "http://DOCS.local.:80/x",
            "http://[0:0::1]:9000/",
            "http://10.0.0.1:22/",
        ] {
            assert!(gate.admit(open).is_ok(), "{open}");
        }
        for closed in [
            "http://127.0.0.1/",
            "http://127.0.0.1:8082/",
            "http://127.0.0.2:8081/",
            "http://localhost:8081/",
            "https://docs.local/",
            "http://sub.docs.local/",
            "http://u:p@127.0.0.1:8081/",
            "ftp://127.0.0.1:8081/",
        ] {
            assert!(gate.admit(closed).is_err(), "{closed}");
        }
    }

    #[test]
    fn a_malformed_exception_is_named() {
        for wrong in [
            "127.0.0.1",
            "localhost",
            "localhost:",
            ":80",
            "a:0",
            "a:65536",
            "a:+80",
            "a:*",
            "*:80",
            "http://a:80",
            "a/b:80",
        ] {
            let error = Admission::new(wrong).unwrap_err();
            assert!(error.contains("`host:port`"), "{wrong}: {error}");
        }
        let many = (1..=65).map(|port| format!("a.local:{port}")).collect::<Vec<_>>().join(",");
        assert!(Admission::new(&many).is_err());
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(256))]

        #[test]
        fn every_notation_of_a_private_address_is_refused(a in prop::sample::select(vec![10_u8, 127, 0, 224, 255]), rest in 0_u32..0x100_0000) {
            let bits = (u32::from(a) << 24) | rest;
            let [_, b, c, d] = bits.to_be_bytes();
            for host in [
                format!("{bits}"), format!("{bits:#x}"), format!("0{bits:o}"), format!("{a}.{b}.{c}.{d}"),
                format!("{a}.{}", rest), format!("{a:#x}.0{b:o}.{c}.{d:#x}"), format!("[::ffff:{a}.{b}.{c}.{d}]"),
                format!("x.{a}.{b}.{c}.{d}.example.com"), format!("x-{a}-{b}-{c}-{d}.example.com"),
            ] {
                prop_assert!(gate().admit(&format!("http://{host}/")).is_err(), "{}", host);
            }
        }

        #[test]
        fn any_text_is_judged_without_panic_and_an_admitted_url_stays_admitted(text in "(http://|https://|//)?[\\PC%.:@\\[\\]/]{0,60}") {
            if let Ok(url) = gate().admit(&text) {
                prop_assert_eq!(gate().admit(url.as_str()), Ok(url));
            }
        }
    }
}
