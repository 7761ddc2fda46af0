//! A page that only scripts make gets one try in a browser elsewhere.

use super::Reader;
use crate::edge::{clock, outgoing};
use crate::job::{Failure, Timestamp};
use crate::page::{Extractor, Outcome, PageContext, Rejection};
use crate::web::http::user_agent;
use crate::web::render;
use crate::web::visit::Reading;
use url::Url;

/// A page with less time left is not worth a browser's start.
const RENDER_MS_MIN: u64 = 3_000;
/// What is kept of a page's time for saying that it is over.
const MARGIN_MS: u64 = 500;

impl Reader<'_> {
    /// What a browser makes of the page at `url`, until `until`; none where no browser is there to help. The host's turn
    /// goes on meanwhile: nobody else visits it while the browser does.
    ///
    /// # Errors
    /// Why the renderer failed. The page stays rejected for its own reason.
    pub(super) async fn rendered(
        &self,
        url: &Url,
        rejection: &Rejection,
        until: Timestamp,
    ) -> Result<Option<Reading>, Failure> {
        let Some(renderer) = self.visitor.renderer.filter(|_| render::may_help(rejection)) else {
            return Ok(None);
        };
        let left = until.ms_since(clock::now()).saturating_sub(MARGIN_MS);
        if left < RENDER_MS_MIN {
            return Err(Failure::transient("no time is left for a browser"));
        }
        let agent = user_agent(self.visitor.contact);
        let request = render::request(renderer, url, &agent, left);
        let html = render::parse(&outgoing::send(&request, self.visitor.permit).await?)?;
        let context =
            PageContext { url, content_type: Some("text/html; charset=utf-8"), content_language: None };
        let Ok(mut extractor) = Extractor::new(context, self.limits) else { return Ok(None) };
        extractor.push(html.as_bytes());
        let Outcome { page, rejection } = extractor.outcome();
        Ok(Some(match rejection {
            None => Reading::Page { page: Box::new(page), bytes: html.len() as u64, rendered: true },
            Some(why) => Reading::Rejected { reason: why.to_string(), links: page.links, gone: false },
        }))
    }
}
