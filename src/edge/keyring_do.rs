//! The keys that an admin made and what their accounts may do: one object for the deployment.

use crate::account::Quotas;
use crate::account::key::KeyView;
use crate::api::ApiError;
use crate::edge::account_store::number;
use crate::edge::reply;
use crate::job::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::json;
use worker::{DurableObject, Env, Method, Request, Response, Result, SqlStorage, State, durable_object};

/// A key to be kept; the key itself never comes here.
#[derive(Serialize, Deserialize)]
pub struct KeptKey {
    /// SHA-256 of the key.
    pub digest: String,
    /// What lists show.
    pub view: KeyView,
    /// What the account may do from now on, when that changes.
    pub quotas: Option<Quotas>,
}

/// A question or an order about one thing.
#[derive(Default, Serialize, Deserialize)]
pub struct About {
    /// SHA-256 of a key.
    #[serde(default)]
    pub digest: String,
    /// Public id of a key.
    #[serde(default)]
    pub id: String,
    /// An account.
    #[serde(default)]
    pub account: String,
    /// What it may do.
    #[serde(default)]
    pub quotas: Quotas,
    /// When it was asked.
    pub at: Timestamp,
}

/// Whose key it is.
#[derive(Clone, Serialize, Deserialize)]
pub struct Holder {
    /// The account.
    pub account: String,
    /// What it may do; none for what the deployment gives everybody.
    pub quotas: Option<Quotas>,
}

/// Keys listed at once; whoever makes more keys asks by account. Revoked ones come last.
const LISTED_MAX: i64 = 1_000;

#[derive(Deserialize)]
struct KeyRow {
    id: String,
    account: String,
    name: String,
    hint: String,
    created_at: f64,
    revoked_at: f64,
}

#[derive(Deserialize)]
struct Text {
    text: String,
}

/// The Durable Object of all keys.
#[durable_object(fetch)]
pub struct KeyringObject {
    sql: SqlStorage,
}

impl DurableObject for KeyringObject {
    fn new(state: State, _env: Env) -> Self {
        Self { sql: state.storage().sql() }
    }

    async fn fetch(&self, mut request: Request) -> Result<Response> {
        self.create()?;
        let path = request.path();
        if request.method() == Method::Post && path == "/keep" {
            let key: KeptKey = reply::message(&mut request).await?;
            self.keep(&key)?;
            return reply::empty(204);
        }
        let about: About = reply::message(&mut request).await?;
        match path.as_str() {
            "/resolve" => match self.holder(&about.digest)? {
                Some(account) => {
                    let quotas = self.quotas(&account)?;
                    reply::json(200, &Holder { account, quotas })
                }
                None => reply::error(&NO_KEY),
            },
            "/list" => reply::json(200, &json!({ "keys": self.list()? })),
            "/revoke" => {
                let known =
                    self.list()?.into_iter().any(|key| key.id == about.id && key.revoked_at.is_none());
                if !known {
                    return reply::error(&NO_KEY);
                }
                let statement = "UPDATE keys SET revoked_at = ? WHERE id = ?";
                self.sql.exec(statement, vec![number(about.at.0)?, about.id.into()])?;
                reply::empty(204)
            }
            "/set-quotas" => {
                self.set_quotas(&about.account, &about.quotas)?;
                reply::empty(204)
            }
            "/quotas" => reply::json(200, &self.quotas(&about.account)?),
            _ => reply::error(&NO_KEY),
        }
    }
}

/// The answer to questions about a key that does not work.
const NO_KEY: ApiError = ApiError::NotFound { what: "key" };

impl KeyringObject {
    fn create(&self) -> Result<()> {
        for statement in [
            "CREATE TABLE IF NOT EXISTS keys (digest TEXT PRIMARY KEY, id TEXT NOT NULL, account TEXT NOT NULL, \
             name TEXT NOT NULL, hint TEXT NOT NULL, created_at INTEGER NOT NULL, revoked_at INTEGER NOT NULL) WITHOUT ROWID",
            "CREATE TABLE IF NOT EXISTS accounts (account TEXT PRIMARY KEY, quotas TEXT NOT NULL) WITHOUT ROWID",
        ] {
            self.sql.exec(statement, None)?;
        }
        Ok(())
    }

    fn keep(&self, key: &KeptKey) -> Result<()> {
        let KeptKey { digest, view, quotas } = key;
        self.sql.exec(
            "INSERT OR IGNORE INTO keys (digest, id, account, name, hint, created_at, revoked_at) VALUES (?, ?, ?, ?, ?, ?, 0)",
            vec![
                digest.as_str().into(),
                view.id.as_str().into(),
                view.account.as_str().into(),
                view.name.as_str().into(),
                view.hint.as_str().into(),
                number(view.created_at.0)?,
            ],
        )?;
        match quotas {
            Some(quotas) => self.set_quotas(&view.account, quotas),
            None => Ok(()),
        }
    }

    fn holder(&self, digest: &str) -> Result<Option<String>> {
        let query = "SELECT account AS text FROM keys WHERE digest = ? AND revoked_at = 0";
        let rows = self.sql.exec(query, vec![digest.into()])?.to_array::<Text>()?;
        Ok(rows.into_iter().next().map(|row| row.text))
    }

    fn list(&self) -> Result<Vec<KeyView>> {
        let query = "SELECT id, account, name, hint, created_at, revoked_at FROM keys \
                     ORDER BY revoked_at > 0, created_at DESC LIMIT ?";
        let rows = self.sql.exec(query, vec![LISTED_MAX.into()])?.to_array::<KeyRow>()?;
        let view = |row: KeyRow| KeyView {
            id: row.id,
            account: row.account,
            name: row.name,
            hint: row.hint,
            created_at: Timestamp(row.created_at as i64),
            revoked_at: (row.revoked_at > 0.0).then_some(Timestamp(row.revoked_at as i64)),
        };
        Ok(rows.into_iter().map(view).collect())
    }

    fn quotas(&self, account: &str) -> Result<Option<Quotas>> {
        let query = "SELECT quotas AS text FROM accounts WHERE account = ?";
        let rows = self.sql.exec(query, vec![account.into()])?.to_array::<Text>()?;
        rows.first().map(|row| Ok(serde_json::from_str(&row.text)?)).transpose()
    }

    fn set_quotas(&self, account: &str, quotas: &Quotas) -> Result<()> {
        let statement = "INSERT OR REPLACE INTO accounts (account, quotas) VALUES (?, ?)";
        self.sql.exec(statement, vec![account.into(), serde_json::to_string(quotas)?.into()]).map(drop)
    }
}
