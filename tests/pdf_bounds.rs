//! Hostile PDFs: each gives an answer, and none makes the reader hold more than it may.
//! One test, since it counts every byte that the process holds.

#![allow(clippy::expect_used, reason = "a test may fail loudly")]

use flate2::Compression;
use flate2::write::ZlibEncoder;
use footnote::page::{Extractor, Flow, Limits, Outcome, PageContext};
use peak_alloc::PeakAlloc;
use std::io::Write;
use url::Url;

#[global_allocator]
static HEAP: PeakAlloc = PeakAlloc;

/// What reading may hold, whatever the file: the sum in `reading/src/page/pdf.rs`.
const HEAP_BYTES_MAX: usize = 48_000_000;

fn read(bytes: &[u8]) -> (Outcome, usize) {
    let url = Url::parse("https://e.com/a.pdf").expect("a URL");
    let context = PageContext { url: &url, content_type: Some("application/pdf"), content_language: None };
    let held = HEAP.current_usage();
    HEAP.reset_peak_usage();
    let mut extractor = Extractor::new(context, Limits::default()).expect("PDF is read");
    for chunk in bytes.chunks(64 * 1024) {
        if extractor.push(chunk) == Flow::Full {
            break;
        }
    }
    let outcome = extractor.outcome();
    (outcome, HEAP.peak_usage().saturating_sub(held))
}

fn packed(data: &[u8]) -> Vec<u8> {
    let mut encoder = ZlibEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(data).expect("memory is no device that fails");
    encoder.finish().expect("memory is no device that fails")
}

fn stream(number: u32, dict: &str, data: &[u8]) -> Vec<u8> {
    let mut object = format!("{number} 0 obj <<{dict}/Length {}>> stream\n", data.len()).into_bytes();
    object.extend_from_slice(data);
    object.extend_from_slice(b"\nendstream endobj\n");
    object
}

/// A document of one page with this content, and further objects.
fn document(content: &[u8], more: &[u8]) -> Vec<u8> {
    let mut file = b"%PDF-1.7\n1 0 obj <</Type/Catalog/Pages 2 0 R>> endobj\n\
        2 0 obj <</Type/Pages/Kids[3 0 R]/Count 1>> endobj\n\
        3 0 obj <</Type/Page/Parent 2 0 R/Contents 4 0 R/Resources<</Font<</F 5 0 R>>/XObject<</X 6 0 R>>>>>> endobj\n\
        5 0 obj <</Type/Font/Subtype/Type1/BaseFont/Helvetica>> endobj\n"
        .to_vec();
    file.extend(stream(4, "/Filter/FlateDecode", &packed(content)));
    file.extend_from_slice(more);
    file.extend_from_slice(b"trailer <</Root 1 0 R>>");
    file
}

const TEXT: &[u8] =
    b"BT /F 10 Tf 50 700 Td (Some ordinary words that make up a line, and then some more of them stand here \
    so that the page has enough of a text to be read) Tj ET\n";

#[test]
fn hostile_files_are_answered_within_48_mb() {
    let page = |content: &[u8]| document(content, b"");
    let forms = stream(6, "/Subtype/Form", &b"/X Do ".repeat(1_000));
    let mut twice = stream(
        6,
        "/Subtype/Form/Filter[/FlateDecode/FlateDecode]",
        &packed(&packed(&vec![b' '; 400_000_000])),
    );
    twice.extend(stream(
        7,
        "/Type/ObjStm/N 99999999/First 99999999/Filter/FlateDecode",
        &packed(&b"9 9 ".repeat(20_000_000)),
    ));
    let pages = format!("2 0 obj <</Kids[{}]>> endobj ", "3 0 R ".repeat(90_000));
    let circle = "2 0 obj <</Kids[2 0 R 8 0 R]>> endobj 8 0 obj <</Kids[2 0 R 3 0 R]/Parent 8 0 R/Resources 9 0 R>> endobj 9 0 obj 9 0 R endobj ";
    let many: String = (10..400_000).map(|number| format!("{number} 0 obj 1 endobj\n")).collect();
    let nested = format!("9 0 obj {} endobj ", "[<</A".repeat(800_000));
    let numbers = format!("9 0 obj [{}] endobj ", "1 ".repeat(4_000_000));
    let map = b"1 beginbfrange <0000> <FFFF> <0041> ".repeat(100_000);
    let mut font =
        b"5 0 obj <</Subtype/Type0/Encoding/Identity-H/ToUnicode 8 0 R/DescendantFonts[9 0 R]>> endobj "
            .to_vec();
    font.extend(stream(8, "/Filter/FlateDecode", &packed(&[map.as_slice(), b"endbfrange"].concat())));
    let widths = format!("9 0 obj <</W[{}]>> endobj ", "1 [1 1 1 1 1 1 1 1 1 1] ".repeat(200_000));
    font.extend_from_slice(widths.as_bytes());
    let shows =
        [TEXT, b"BT /F 1 Tf ".as_slice(), &b"(aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa) Tj 1 1 Td ".repeat(80_000)]
            .concat();
    for (name, file, readable) in [
        ("a bomb as content", page(&[TEXT, &vec![b' '; 500_000_000]].concat()), true),
        ("a bomb within a bomb, and one of objects", document(&[TEXT, b"/X Do"].concat(), &twice), true),
        ("forms that show themselves", document(&[TEXT, &b"/X Do ".repeat(10_000)].concat(), &forms), true),
        ("saved states without end", page(&[TEXT, &b"q ".repeat(2_000_000)].concat()), true),
        (
            "marks without end",
            page(&[TEXT, &b"/Span <</ActualText (abc)>> BDC ".repeat(100_000)].concat()),
            true,
        ),
        (
            "an image without end",
            page(&[TEXT, b"BI /W 1 ID ".as_slice(), &b"EI".repeat(2_000_000)].concat()),
            true,
        ),
        ("glyphs without end", page(&shows), true),
        ("one page again and again", document(&shows, pages.as_bytes()), true),
        ("a tree in a circle", document(TEXT, circle.as_bytes()), true),
        ("objects without end", document(TEXT, many.as_bytes()), true),
        ("nesting without end", document(TEXT, nested.as_bytes()), true),
        ("an array without end", document(TEXT, numbers.as_bytes()), true),
        ("a font without end", document(TEXT, &font), false),
        (
            "a string without end",
            document(TEXT, &[b"9 0 obj (".as_slice(), &b"(".repeat(9_000_000)].concat()),
            true,
        ),
        ("streams without end", document(TEXT, &b"9 0 obj <<>> stream ".repeat(500_000)), true),
    ] {
        let (outcome, peak) = read(&file);
        assert!(peak < HEAP_BYTES_MAX, "{name}: {peak} bytes held");
        let markdown = &outcome.page.markdown;
        assert_eq!(markdown.contains("ordinary words"), readable, "{name}: {:?} {peak}", outcome.rejection);
        assert!(markdown.len() <= Limits::default().markdown_bytes_max, "{name}: {} bytes", markdown.len());
    }
}
