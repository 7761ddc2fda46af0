//! The little internet: pages on four hosts, a search engine that knows them, and a model.

use super::http::Request;
use super::origin::{Entry, Origin};
use super::pages::{self, Document, Site};
use super::workerd::{Config, Setup, Workerd};
use super::{brain, openai, search};
use std::collections::BTreeMap;
use std::time::Duration;

/// All servers of one test; they end with it.
pub(crate) struct World {
    sites: BTreeMap<&'static str, (Origin, Site)>,
    pub(crate) search: Origin,
    pub(crate) model: Origin,
}

impl World {
    pub(crate) fn start() -> Self {
        Self::start_with(openai::start())
    }

    /// With another model server.
    pub(crate) fn start_with(model: Origin) -> Self {
        let started = pages::SITES.into_iter().zip(2..).map(|(name, host)| {
            let site = pages::site(name);
            let served = site.clone();
            (name, (Origin::start(host, move |request| pages::answer(&served, request)), site))
        });
        let sites: BTreeMap<_, _> = started.collect();
        let index = index(&sites);
        let search = Origin::start(1, move |request| search::searxng(&index, request));
        Self { sites, search, model }
    }

    /// The server of one of [`pages::SITES`].
    pub(crate) fn site(&self, name: &str) -> &Origin {
        &self.sites[name].0
    }

    /// The markup of one page.
    pub(crate) fn html(&self, name: &str, path: &str) -> String {
        self.sites[name].1[path].html.clone()
    }

    /// Every page with its URL, for a search engine.
    pub(crate) fn index(&self) -> Vec<search::Entry> {
        index(&self.sites)
    }

    /// Settings that suffice for the library and the built-in analyst: no key, no outside service.
    pub(crate) fn keyless(&self) -> Setup {
        self.setup([("SEARCH", "library".into()), ("MODEL", "extractive".into())])
    }

    /// Settings for the search engine and the model of this world.
    pub(crate) fn with_model(&self) -> Setup {
        self.setup([
            ("SEARCH", "searxng".into()),
            ("SEARXNG_URL", self.search.url("")),
            ("MODEL", "openai".into()),
            ("OPENAI_BASE_URL", self.model.url("/v1")),
            ("OPENAI_API_KEY", openai::KEY.into()),
            ("OPENAI_MODEL", "test-model".into()),
        ])
    }

    /// Settings for anybody on the development network, with every host of this world allowed.
    pub(crate) fn setup(&self, more: impl IntoIterator<Item = (&'static str, String)>) -> Setup {
        let hosts: Vec<String> = self.origins().map(Origin::host).collect();
        let common = [
            ("ALLOW_ANONYMOUS", "1".to_owned()),
            ("ALLOW_PRIVATE_HOSTS", hosts.join(",")),
            // Four hosts with all the pages: a second between any two would be most of every test's time.
            ("SITE_DELAY_MS", "0".to_owned()),
        ];
        let env = common.into_iter().chain(more).map(|(name, value)| (name.to_owned(), value)).collect();
        Setup { config: Config::Dev, env }
    }

    /// Starts the Worker with [`World::keyless`] settings and crawls every site into its library.
    pub(crate) fn start_with_library(&self, patience: Duration) -> Workerd {
        let workerd = Workerd::start(self.keyless());
        self.fill_library(&workerd, patience);
        workerd
    }

    /// Crawls every site into the library.
    pub(crate) fn fill_library(&self, workerd: &Workerd, patience: Duration) {
        for (site, pages) in self.sites.values() {
            let pages_max = u32::try_from(pages.len()).expect("a handful of pages");
            workerd.api().crawl(&site.url("/index.html"), pages_max, patience);
        }
    }

    /// What a reader sees on the page with this URL; a fragment is ignored.
    pub(crate) fn text_of(&self, url: &str) -> Option<String> {
        let url = url.split('#').next()?;
        let of_site = |(origin, site): &(Origin, Site)| -> Option<String> {
            let found = site.iter().find(|(path, _)| origin.url(path) == url);
            let (_, Document { text, .. }) = found
                .or_else(|| (origin.url("/") == url).then(|| site.get_key_value("/index.html")).flatten())?;
            Some(text.clone())
        };
        self.sites.values().find_map(of_site)
    }

    /// Every usual reply of every server is this late from now on.
    pub(crate) fn latency(&self, latency: Duration) {
        self.origins().for_each(|origin| origin.latency(latency));
    }

    /// How often each request was made, on all servers together.
    pub(crate) fn requests(&self) -> BTreeMap<String, usize> {
        let mut counts = BTreeMap::new();
        for origin in self.origins() {
            for Entry { request, .. } in origin.ledger() {
                *counts.entry(format!("{} {}", origin.host(), line(&request))).or_insert(0) += 1;
            }
        }
        counts
    }

    /// Every request to every server, with the moment of its arrival.
    pub(crate) fn entries(&self) -> Vec<(std::time::Instant, String)> {
        let of = |origin: &Origin| {
            let host = origin.host();
            origin.ledger().into_iter().map(move |e| (e.at, format!("{host} {}", line(&e.request))))
        };
        self.origins().flat_map(of).collect()
    }

    pub(crate) fn clear_ledgers(&self) {
        self.origins().for_each(Origin::clear_ledger);
    }

    fn origins(&self) -> impl Iterator<Item = &Origin> {
        self.sites.values().map(|(origin, _)| origin).chain([&self.search, &self.model])
    }
}

fn line(request: &Request) -> String {
    brain::without_markers(&request.line())
}

fn index(sites: &BTreeMap<&'static str, (Origin, Site)>) -> Vec<search::Entry> {
    let pages = sites.values().flat_map(|(origin, site)| site.iter().map(move |page| (origin, page)));
    pages
        .map(|(origin, (path, Document { title, text, .. }))| search::Entry {
            url: origin.url(path),
            title: title.clone(),
            text: text.clone(),
        })
        .collect()
}
