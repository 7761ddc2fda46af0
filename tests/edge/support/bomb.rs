//! A page that is small on the wire and huge in memory.

use super::http::Reply;

/// An HTML page of about so many bytes, gzipped to about a 158th of that. The checksum at its end is wrong: a reader that
/// comes so far has read too much already.
pub(crate) fn gzip_page(bytes: usize) -> Reply {
    let mut bits = Bits::default();
    // The last block, with the fixed codes of RFC 1951, 3.2.6.
    bits.push(1, 1);
    bits.push(0b01, 2);
    for letter in b"<html><body><main><p>Filler. a" {
        bits.code(0x30 + u16::from(*letter), 8);
    }
    for _ in 0..bytes / MATCH_BYTES {
        // The letter before, 258 times: length code 285, distance code 0.
        bits.code(0b1100_0101, 8);
        bits.code(0, 5);
    }
    bits.code(0, 7);
    let mut body = vec![0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0xff];
    body.extend(bits.finish());
    body.extend([0; 8]);
    Reply::html(body).header("content-encoding", "gzip")
}

/// The longest match that deflate knows.
const MATCH_BYTES: usize = 258;

/// Bits in deflate's order.
#[derive(Default)]
struct Bits {
    bytes: Vec<u8>,
    open: u32,
    held: u32,
}

impl Bits {
    /// A number, lowest bit first.
    fn push(&mut self, value: u16, width: u32) {
        self.open |= u32::from(value) << self.held;
        self.held += width;
        while self.held >= 8 {
            self.bytes.push(self.open.to_le_bytes()[0]);
            self.open >>= 8;
            self.held -= 8;
        }
    }

    /// A Huffman code, highest bit first.
    fn code(&mut self, code: u16, width: u32) {
        self.push(code.reverse_bits() >> (16 - width), width);
    }

    fn finish(mut self) -> Vec<u8> {
        self.push(0, 7);
        self.bytes
    }
}
