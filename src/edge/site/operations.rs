//! For whoever runs the deployment: whether it can work, and what it has done.

use super::{Answer, OBJECT_MS_MAX, within};
use crate::api::ApiError;
use crate::edge::site::Office;
use crate::edge::{reply, settings, traffic};
use crate::metrics::{MEDIA_TYPE, Meter};
use serde_json::json;
use worker::Method;

/// An object that is not there by then is not there: balancers and supervisors ask again within seconds.
const READY_MS_MAX: u64 = 5_000;

impl Office<'_> {
    /// Whether requests should be sent here: the settings are right, and an object that keeps something answers in time.
    pub(in crate::edge) async fn ready(&self) -> Answer {
        settings::config(self.env).map_err(|e| ApiError::Unavailable { cause: e.to_string() })?;
        let storage = async {
            let stub = settings::scheduler(self.env)?;
            reply::call::<()>(&stub, Method::Post, "/prove", None).await
        };
        match within("the storage", READY_MS_MAX, storage).await?.status_code() {
            204 => {
                let body = json!({ "status": "ready", "version": env!("CARGO_PKG_VERSION") });
                reply::json(200, &body).map_err(|e| reply::unavailable("this deployment", &e))
            }
            _ => Err(ApiError::Unavailable { cause: "the storage takes no rows".into() }),
        }
    }

    /// Prometheus' numbers: of all accounts, and of this process.
    pub(in crate::edge) async fn metrics(&self) -> Answer {
        let down = |e| reply::unavailable("the scheduler", &e);
        let stub = settings::scheduler(self.env).map_err(down)?;
        let counted = reply::call::<()>(&stub, Method::Post, "/meter", None);
        let counted = within("the scheduler", OBJECT_MS_MAX, counted).await?;
        let mut meter: Meter = reply::decoded(counted).await.map_err(down)?.unwrap_or_default();
        meter.merge(&traffic::meter());
        meter.build(env!("CARGO_PKG_VERSION"));
        reply::text(MEDIA_TYPE, meter.exposition()).map_err(|e| reply::unavailable("this deployment", &e))
    }
}
