//! Where the page about a paper stands, by the address of its PDF: what can be cited when the PDF cannot be read.

use url::Url;

/// The page with title, authors and abstract for the address of a PDF, where the address has the shape of a known
/// publisher or archive. Not yet admitted: the caller fetches it as it does any other address.
#[must_use]
pub fn abstract_page(pdf: &Url) -> Option<Url> {
    let host = pdf.host_str()?.trim_start_matches("www.").trim_start_matches("export.");
    let query =
        |key: &str| pdf.query_pairs().find(|(name, _)| name == key).map(|(_, value)| value.into_owned());
    let (path, parameter) = match (host, pdf.path()) {
        ("openreview.net", "/pdf" | "/attachment") => ("/forum".to_owned(), Some(("id", query("id")?))),
        ("journals.plos.org", path) => (path.strip_suffix("/file")?.to_owned(), Some(("id", query("id")?))),
        (host, path) => (by_path(host, path)?, None),
    };
    let mut page = pdf.clone();
    page.set_path(&path);
    page.set_query(None);
    page.set_fragment(None);
    if let Some((key, value)) = parameter {
        page.query_pairs_mut().append_pair(key, &value);
    }
    (page != *pdf).then_some(page)
}

fn by_path(host: &str, path: &str) -> Option<String> {
    let bare = path.strip_suffix(".pdf").unwrap_or(path);
    match host {
        "arxiv.org" => Some(format!("/abs/{}", bare.strip_prefix("/pdf/")?)),
        "aclanthology.org" => Some(format!("{}/", path.strip_suffix(".pdf")?)),
        "biorxiv.org" | "medrxiv.org" => {
            let (page, _) = path.split_once(".full.pdf").or_else(|| path.split_once(".full-text.pdf"))?;
            Some(page.to_owned())
        }
        "pmc.ncbi.nlm.nih.gov" | "ncbi.nlm.nih.gov" => {
            let (page, _) = path.split_once("/pdf")?;
            page.contains("/PMC").then(|| format!("{page}/"))
        }
        "proceedings.neurips.cc" | "papers.nips.cc" => {
            let (folder, file) = bare.split_once("/file/")?;
            Some(format!("{folder}/hash/{}.html", file.replacen("-Paper", "-Abstract", 1)))
        }
        "proceedings.mlr.press" => {
            // `/v70/name17a/name17a.pdf`
            let (folder, file) = path.strip_suffix(".pdf")?.rsplit_once('/')?;
            folder.ends_with(file).then(|| format!("{folder}.html"))
        }
        "jmlr.org" => {
            let (volume, rest) = bare.strip_prefix("/papers/volume")?.split_once('/')?;
            Some(format!("/papers/v{volume}/{}.html", rest.split('/').next()?))
        }
        "openaccess.thecvf.com" => {
            let (folder, file) = bare.split_once("/papers/")?;
            Some(format!("{folder}/html/{file}.html"))
        }
        "link.springer.com" => {
            let doi = bare.strip_prefix("/content/pdf/")?;
            let kind = if doi.contains("/978-") { "chapter" } else { "article" };
            Some(format!("/{kind}/{doi}"))
        }
        "nature.com" => {
            path.strip_suffix(".pdf").filter(|page| page.starts_with("/articles/")).map(str::to_owned)
        }
        "mdpi.com" => path.split_once("/pdf").map(|(page, _)| page.to_owned()),
        "frontiersin.org" => path.strip_suffix("/pdf").map(|page| format!("{page}/full")),
        "sciencedirect.com" => path.split_once("/pdf").map(|(page, _)| page.to_owned()),
        "zenodo.org" => path.split_once("/files/").map(|(page, _)| page.to_owned()),
        _ => by_doi(path),
    }
}

/// Publishers who put the DOI into the path: `/doi/pdf/10.1145/1.2`, `/doi/pdfdirect/10.1002/a`.
fn by_doi(path: &str) -> Option<String> {
    let (before, behind) = path.split_once("/doi/")?;
    let (kind, doi) = behind.split_once('/')?;
    let doi = doi.strip_suffix(".pdf").unwrap_or(doi);
    (matches!(kind, "pdf" | "epdf" | "pdfdirect" | "pdfplus") && doi.starts_with("10."))
        .then(|| format!("{before}/doi/{doi}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_about_a_paper_follows_from_its_address() {
        for (pdf, page) in [
            ("https://arxiv.org/pdf/1706.03762v5", "https://arxiv.org/abs/1706.03762v5"),
            ("https://arxiv.org/pdf/hep-th/9901001.pdf", "https://arxiv.org/abs/hep-th/9901001"),
            ("https://openreview.net/pdf?id=ab_C1", "https://openreview.net/forum?id=ab_C1"),
            ("https://aclanthology.org/P19-1001.pdf", "https://aclanthology.org/P19-1001/"),
            (
                "https://www.biorxiv.org/content/10.1101/2020.01.01.123456v2.full.pdf+html",
                "https://www.biorxiv.org/content/10.1101/2020.01.01.123456v2",
            ),
            (
                "https://www.ncbi.nlm.nih.gov/pmc/articles/PMC12345/pdf/a.pdf",
                "https://www.ncbi.nlm.nih.gov/pmc/articles/PMC12345/",
            ),
            (
                "https://journals.plos.org/plosone/article/file?id=10.1371/journal.pone.1&type=printable",
                "https://journals.plos.org/plosone/article?id=10.1371%2Fjournal.pone.1",
            ),
            (
                "https://proceedings.neurips.cc/paper_files/paper/2022/file/ab12-Paper-Conference.pdf",
                "https://proceedings.neurips.cc/paper_files/paper/2022/hash/ab12-Abstract-Conference.html",
            ),
            ("http://proceedings.mlr.press/v70/a17a/a17a.pdf", "http://proceedings.mlr.press/v70/a17a.html"),
            ("https://jmlr.org/papers/volume18/16-634/16-634.pdf", "https://jmlr.org/papers/v18/16-634.html"),
            (
                "https://link.springer.com/content/pdf/10.1007/s1-2.pdf",
                "https://link.springer.com/article/10.1007/s1-2",
            ),
            ("https://www.mdpi.com/1424-8220/20/1/1/pdf?version=1", "https://www.mdpi.com/1424-8220/20/1/1"),
            ("https://dl.acm.org/doi/pdf/10.1145/1.2", "https://dl.acm.org/doi/10.1145/1.2"),
            ("https://zenodo.org/records/1/files/a.pdf", "https://zenodo.org/records/1"),
        ] {
            let found = abstract_page(&Url::parse(pdf).expect("a URL")).map(String::from);
            assert_eq!(found.as_deref(), Some(page), "{pdf}");
        }
    }

    #[test]
    fn other_addresses_have_none() {
        for url in [
            "https://arxiv.org/abs/1706.03762",
            "https://e.com/a.pdf",
            "https://openreview.net/pdf",
            "https://dl.acm.org/doi/10.1145/1.2",
            "https://www.nature.com/a.pdf",
            "https://proceedings.mlr.press/v70/",
        ] {
            assert_eq!(abstract_page(&Url::parse(url).expect("a URL")), None, "{url}");
        }
    }
}
