//! Who may use the API. Closed unless keys are set or anonymous use is allowed by name.

use crate::account::key;
use crate::digest::{SHA256_HEX_CHARS, sha256_hex};
use subtle::ConstantTimeEq;

/// The keys that open the API, held as digests only.
#[derive(Clone, Debug)]
pub struct Access {
    digests: Vec<String>,
    anonymous: bool,
    admin: Option<String>,
    metrics: Option<String>,
}

/// What an `Authorization` header comes to without looking anything up.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Authenticated {
    /// A key of the configuration, or nobody where nobody is needed.
    Owner(Owner),
    /// It has the form of a key that an admin may have made: the keyring knows its digest, or not.
    Lookup {
        /// SHA-256 of the key.
        digest: String,
    },
}

/// Whom a request belongs to: jobs and documents of one owner do not exist for another.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Owner(String);

impl Owner {
    /// The owner that the keyring names.
    #[must_use]
    pub fn of_account(account: &str) -> Self {
        Self(key::owner_of(account))
    }

    /// Stable name: the key's SHA-256 in lower-case hex, or `anonymous`. Not secret, never reversed to the key.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Why a request was not let in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AccessError {
    /// The deployment has no keys and does not allow anonymous use.
    #[error(
        "this deployment is closed: set API_KEYS to a comma-separated list of keys (or their SHA-256 digests), or \
         ALLOW_ANONYMOUS=1 to let anybody in"
    )]
    Closed,
    /// No key was sent.
    #[error("send your key as `Authorization: Bearer <key>`")]
    Missing,
    /// What was sent is not a key but the digest of one.
    #[error(
        "this is the digest of a key, not the key: 64 hex digits in API_KEYS are taken for a SHA-256 digest. To use them \
         as a key, put their own digest into API_KEYS"
    )]
    Digest,
    /// The key is not one of the deployment's.
    #[error("this key is not known here")]
    Unknown,
    /// The route is for whoever runs the deployment, and no admin key is set.
    #[error("this route needs an admin key, and none is set: set ADMIN_KEY to a random one")]
    NoAdmin,
    /// The numbers are for whoever runs the deployment, and no key opens them.
    #[error(
        "this route needs a metrics token or an admin key, and none is set: set METRICS_TOKEN to a random one"
    )]
    NoMetrics,
    /// The numbers are for whoever runs the deployment, and no key was sent.
    #[error("this route needs METRICS_TOKEN or the admin key as `Authorization: Bearer <token>`")]
    MetricsMissing,
    /// The numbers are for whoever runs the deployment.
    #[error(
        "this key does not open the numbers: this route needs METRICS_TOKEN or ADMIN_KEY as `Authorization: Bearer <token>`"
    )]
    NotMetrics,
    /// The route is for whoever runs the deployment, and no key was sent.
    #[error("this route needs the admin key as `Authorization: Bearer <key>`")]
    AdminMissing,
    /// The route is for whoever runs the deployment.
    #[error("this key is not the admin's: this route needs ADMIN_KEY as `Authorization: Bearer <key>`")]
    NotAdmin,
}

/// A key shorter than this is guessable; 16 characters of base64 hold 96 bits.
const KEY_CHARS_MIN: usize = 16;
/// The owner of everything when no key was sent and none is needed.
const ANONYMOUS: &str = "anonymous";

impl Access {
    /// `keys` is a comma-separated list of keys or of SHA-256 digests in hex. Fails with a sentence that says what to set.
    pub fn new(keys: &str, anonymous: bool, admin_key: Option<&str>) -> Result<Self, String> {
        let mut digests = Vec::new();
        for (place, key) in (1..).zip(keys.split(',').map(str::trim).filter(|k| !k.is_empty())) {
            if key.len() == SHA256_HEX_CHARS && key.bytes().all(|b| b.is_ascii_hexdigit()) {
                digests.push(key.to_ascii_lowercase());
            } else if key.len() < KEY_CHARS_MIN {
                return Err(format!(
                    "API_KEYS: key {place} is shorter than {KEY_CHARS_MIN} characters: use a random one"
                ));
            } else {
                digests.push(sha256_hex(key));
            }
        }
        let admin = match admin_key {
            Some(key) if key.len() < KEY_CHARS_MIN => {
                return Err(format!(
                    "ADMIN_KEY is shorter than {KEY_CHARS_MIN} characters: use a random one"
                ));
            }
            key => key.map(sha256_hex),
        };
        Ok(Self { digests, anonymous, admin, metrics: None })
    }

    /// The same with a token that opens `/metrics` and nothing else.
    ///
    /// # Errors
    /// A sentence that says what to set, for a token that is guessable.
    pub fn with_metrics_token(mut self, token: Option<&str>) -> Result<Self, String> {
        if token.is_some_and(|token| token.len() < KEY_CHARS_MIN) {
            return Err(format!(
                "METRICS_TOKEN is shorter than {KEY_CHARS_MIN} characters: use a random one"
            ));
        }
        self.metrics = token.map(sha256_hex);
        Ok(self)
    }

    /// Whether the value of an `Authorization` header is the admin's key or the metrics token.
    pub fn authenticate_metrics(&self, authorization: Option<&str>) -> Result<(), AccessError> {
        let digest = bearer(authorization).map(sha256_hex).ok_or(AccessError::MetricsMissing)?;
        let known: Vec<&String> = self.metrics.iter().chain(&self.admin).collect();
        if known.is_empty() {
            return Err(AccessError::NoMetrics);
        }
        let same = |known: &&String| bool::from(known.as_bytes().ct_eq(digest.as_bytes()));
        if known.iter().any(same) { Ok(()) } else { Err(AccessError::NotMetrics) }
    }

    /// Whether anybody is let in without a key.
    #[must_use]
    pub fn is_anonymous(&self) -> bool {
        self.anonymous
    }

    /// Whether the value of an `Authorization` header is the admin's key.
    pub fn authenticate_admin(&self, authorization: Option<&str>) -> Result<(), AccessError> {
        let digest = bearer(authorization).map(sha256_hex).ok_or(AccessError::AdminMissing)?;
        let admin = self.admin.as_ref().ok_or(AccessError::NoAdmin)?;
        let same = bool::from(admin.as_bytes().ct_eq(digest.as_bytes()));
        if same { Ok(()) } else { Err(AccessError::NotAdmin) }
    }

    /// Whom the value of an `Authorization` header stands for. A key that was sent must be right even where none is
    /// needed: a typing error must not land in somebody else's account.
    pub fn authenticate(&self, authorization: Option<&str>) -> Result<Authenticated, AccessError> {
        let anybody = || Ok(Authenticated::Owner(Owner(ANONYMOUS.into())));
        // With an admin, keys may exist that are not in the configuration.
        let no_keys = self.digests.is_empty() && self.admin.is_none();
        match bearer(authorization) {
            None if self.anonymous => anybody(),
            // Clients such as webclaw's SDKs always send some key; an open deployment without keys takes any of them.
            Some(_) if self.anonymous && no_keys => anybody(),
            None if no_keys => Err(AccessError::Closed),
            Some(_) if no_keys => Err(AccessError::Closed),
            None => Err(AccessError::Missing),
            Some(key) => {
                let digest = sha256_hex(key);
                let known = self.digests.iter().any(|d| bool::from(d.as_bytes().ct_eq(digest.as_bytes())));
                // Whoever makes a key with `openssl rand -hex 32` and configures it as it is would search for long.
                let sent_digest = self.digests.iter().any(|d| d.eq_ignore_ascii_case(key));
                match (known, sent_digest, key::digest(key)) {
                    (true, ..) => Ok(Authenticated::Owner(Owner(digest))),
                    (false, true, _) => Err(AccessError::Digest),
                    (false, false, Some(digest)) if self.admin.is_some() => {
                        Ok(Authenticated::Lookup { digest })
                    }
                    (false, false, _) => Err(AccessError::Unknown),
                }
            }
        }
    }
}

/// The key in the value of an `Authorization` header.
fn bearer(authorization: Option<&str>) -> Option<&str> {
    let (scheme, key) = authorization?.trim().split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| key.trim()).filter(|k| !k.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: &str = "fn_0123456789abcdef";

    #[test]
    fn without_keys_nobody_is_let_in() {
        let access = Access::new("", false, None).unwrap();
        assert_eq!(access.authenticate(None), Err(AccessError::Closed));
        assert_eq!(access.authenticate(Some("Bearer anything-at-all")), Err(AccessError::Closed));
    }

    #[test]
    fn a_key_and_its_digest_are_the_same_owner() {
        let by_key = Access::new(KEY, false, None).unwrap();
        let by_digest = Access::new(&sha256_hex(KEY).to_uppercase(), false, None).unwrap();
        let header = format!("bearer  {KEY} ");
        assert_eq!(by_key.authenticate(Some(&header)), by_digest.authenticate(Some(&header)));
        assert!(by_key.authenticate(Some(&header)).is_ok());
    }

    #[test]
    fn sending_the_digest_instead_of_the_key_is_told_apart_from_a_wrong_key() {
        let digest = sha256_hex(KEY.as_bytes());
        let access = Access::new(&digest, false, None).unwrap();
        assert_eq!(access.authenticate(Some(&format!("Bearer {digest}"))), Err(AccessError::Digest));
    }

    #[test]
    fn a_wrong_key_is_refused_even_where_anonymous_use_is_allowed() {
        let access = Access::new(KEY, true, None).unwrap();
        assert_eq!(access.authenticate(Some("Bearer fn_0123456789abcdeX")), Err(AccessError::Unknown));
        assert_eq!(access.authenticate(None), Ok(Authenticated::Owner(Owner(ANONYMOUS.into()))));
    }

    #[test]
    fn a_missing_or_malformed_header_asks_for_the_key() {
        let access = Access::new(KEY, false, None).unwrap();
        for header in [None, Some(""), Some("Bearer"), Some("Bearer "), Some("Basic abc")] {
            assert_eq!(access.authenticate(header), Err(AccessError::Missing), "{header:?}");
        }
    }

    #[test]
    fn a_guessable_key_is_refused_at_start() {
        assert!(Access::new("short", false, None).unwrap_err().contains("key 1"));
    }

    #[test]
    fn a_key_of_the_keyring_is_looked_up_where_there_is_an_admin() {
        let made = key::format([3; key::KEY_BYTES]);
        let header = format!("Bearer {made}");
        let alone = Access::new(KEY, false, None).unwrap();
        assert_eq!(alone.authenticate(Some(&header)), Err(AccessError::Unknown));
        let with_admin = Access::new("", false, Some("an-admin-key-0123")).unwrap();
        let digest = sha256_hex(&made);
        assert_eq!(with_admin.authenticate(Some(&header)), Ok(Authenticated::Lookup { digest }));
        assert_eq!(with_admin.authenticate(Some("Bearer something-else-000")), Err(AccessError::Unknown));
    }

    #[test]
    fn only_the_admin_is_the_admin() {
        let access = Access::new(KEY, true, Some("an-admin-key-0123")).unwrap();
        assert_eq!(access.authenticate_admin(Some("Bearer an-admin-key-0123")), Ok(()));
        for header in [Some("Bearer x"), Some("Bearer fn_0123456789abcdef")] {
            assert_eq!(access.authenticate_admin(header), Err(AccessError::NotAdmin), "{header:?}");
        }
        assert_eq!(access.authenticate_admin(None), Err(AccessError::AdminMissing));
        // The admin's key opens nothing else.
        assert_eq!(access.authenticate(Some("Bearer an-admin-key-0123")), Err(AccessError::Unknown));
        let none = Access::new(KEY, false, None).unwrap();
        assert_eq!(none.authenticate_admin(Some("Bearer an-admin-key-0123")), Err(AccessError::NoAdmin));
        assert!(Access::new("", false, Some("short")).unwrap_err().contains("ADMIN_KEY"));
    }

    #[test]
    fn the_metrics_token_opens_the_numbers_and_nothing_else() {
        const TOKEN: &str = "a-metrics-token-0";
        let access = Access::new(KEY, false, Some("an-admin-key-0123")).unwrap();
        let access = access.with_metrics_token(Some(TOKEN)).unwrap();
        let token = format!("Bearer {TOKEN}");
        assert_eq!(access.authenticate_metrics(Some(&token)), Ok(()));
        assert_eq!(access.authenticate_metrics(Some("Bearer an-admin-key-0123")), Ok(()));
        for header in ["Bearer x", "Bearer fn_0123456789abcdef"] {
            assert_eq!(access.authenticate_metrics(Some(header)), Err(AccessError::NotMetrics), "{header:?}");
        }
        assert_eq!(access.authenticate_metrics(None), Err(AccessError::MetricsMissing));
        assert_eq!(access.authenticate_admin(Some(&token)), Err(AccessError::NotAdmin));
        assert_eq!(access.authenticate(Some(&token)), Err(AccessError::Unknown));
        let closed = Access::new(KEY, true, None).unwrap();
        assert_eq!(closed.authenticate_metrics(Some(&token)), Err(AccessError::NoMetrics));
        assert!(closed.with_metrics_token(Some("short")).unwrap_err().contains("METRICS_TOKEN"));
    }
}
