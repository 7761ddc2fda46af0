//! Stream filters: what text, fonts and object streams are packed with. Images are never unpacked.

use super::object::{Dict, Object, is_space};
use miniz_oxide::inflate::{decompress_to_vec_with_limit, decompress_to_vec_zlib_with_limit};

/// Most filters on one stream; real ones have at most two.
const FILTERS_MAX: usize = 4;
/// Bits of the longest LZW code.
const LZW_BITS_MAX: u32 = 12;

/// `data` unpacked, at most `bytes_max` of it: what is behind, and what is behind damage, is left out.
/// `None` for images and filters that are not known. The dictionary must hold no references.
pub(crate) fn decode(data: &[u8], dict: &Dict, bytes_max: usize) -> Option<Vec<u8>> {
    let all = |object: Option<&Object>| -> Vec<Object> {
        match object {
            None | Some(Object::Null) => Vec::new(),
            Some(Object::Array(array)) => array.clone(),
            Some(one) => vec![one.clone()],
        }
    };
    let value = |long: &str, short: &str| dict.get(long.as_bytes()).or_else(|| dict.get(short.as_bytes()));
    let filters = all(value("Filter", "F"));
    let parameters = all(value("DecodeParms", "DP"));
    if filters.len() > FILTERS_MAX {
        return None;
    }
    let mut unpacked: Option<Vec<u8>> = None;
    for (place, filter) in filters.iter().enumerate() {
        let input = unpacked.as_deref().unwrap_or(data);
        let none = Dict::new();
        let parameters = parameters.get(place).and_then(Object::dict).unwrap_or(&none);
        unpacked = Some(match filter.name()? {
            b"FlateDecode" | b"Fl" => predict(inflate(input, bytes_max), parameters),
            b"LZWDecode" | b"LZW" => {
                let early = parameters.get(b"EarlyChange".as_slice()).and_then(Object::count) != Some(0);
                predict(lzw(input, early, bytes_max), parameters)
            }
            b"ASCII85Decode" | b"A85" => ascii_85(input, bytes_max),
            b"ASCIIHexDecode" | b"AHx" => ascii_hex(input, bytes_max),
            b"RunLengthDecode" | b"RL" => run_length(input, bytes_max),
            b"Crypt" => input.to_vec(),
            _ => return None,
        });
    }
    Some(unpacked.unwrap_or_else(|| data.get(..bytes_max).unwrap_or(data).to_vec()))
}

/// zlib, or bare deflate where the header is broken; what was unpacked before damage or the limit is kept.
fn inflate(data: &[u8], bytes_max: usize) -> Vec<u8> {
    let kept = |result: Result<Vec<u8>, miniz_oxide::inflate::DecompressError>| {
        result.unwrap_or_else(|stopped| stopped.output)
    };
    let unpacked = kept(decompress_to_vec_zlib_with_limit(data, bytes_max));
    if !unpacked.is_empty() {
        return unpacked;
    }
    kept(decompress_to_vec_with_limit(data.get(2..).unwrap_or_default(), bytes_max))
}

/// Undoes the prediction of PNG (ISO 32000-1, 7.4.4.4); that of TIFF is for images.
fn predict(data: Vec<u8>, parameters: &Dict) -> Vec<u8> {
    let number = |key: &str, default: usize| {
        parameters.get(key.as_bytes()).and_then(Object::count).unwrap_or(default).clamp(1, 65_536)
    };
    if number("Predictor", 1) < 10 {
        return data;
    }
    let bits = number("Colors", 1).saturating_mul(number("BitsPerComponent", 8));
    let row_bytes = bits.saturating_mul(number("Columns", 1)).div_ceil(8);
    let step = bits.div_ceil(8);
    let mut out: Vec<u8> = Vec::with_capacity(data.len());
    let mut above: Vec<u8> = Vec::new();
    for row in data.chunks(row_bytes.saturating_add(1)) {
        let Some((kind, row)) = row.split_first() else { break };
        let mut line: Vec<u8> = Vec::with_capacity(row.len());
        for (place, byte) in row.iter().enumerate() {
            let left = place.checked_sub(step).and_then(|at| line.get(at)).copied().unwrap_or(0);
            let up = above.get(place).copied().unwrap_or(0);
            let corner = place.checked_sub(step).and_then(|at| above.get(at)).copied().unwrap_or(0);
            let guess = match kind {
                1 => left,
                2 => up,
                3 => (u16::from(left).wrapping_add(u16::from(up)) / 2) as u8,
                4 => paeth(left, up, corner),
                _ => 0,
            };
            line.push(byte.wrapping_add(guess));
        }
        out.extend_from_slice(&line);
        above = line;
    }
    out
}

fn paeth(left: u8, up: u8, corner: u8) -> u8 {
    let guess = i32::from(left) + i32::from(up) - i32::from(corner);
    let far = |value: u8| (guess - i32::from(value)).abs();
    if far(left) <= far(up) && far(left) <= far(corner) {
        left
    } else if far(up) <= far(corner) {
        up
    } else {
        corner
    }
}

/// ISO 32000-1, 7.4.4.2. Every code but the first stands for a stretch of what was written before and one byte more.
fn lzw(data: &[u8], early: bool, bytes_max: usize) -> Vec<u8> {
    const CLEAR: usize = 256;
    const END: usize = 257;
    let mut out: Vec<u8> = Vec::new();
    let mut stretches: Vec<(usize, usize)> = Vec::new();
    let mut previous: Option<(usize, usize)> = None;
    let (mut bits, mut width, mut held) = (0_u32, 9_u32, 0_u32);
    let mut bytes = data.iter();
    while out.len() < bytes_max {
        while held < width {
            let Some(byte) = bytes.next() else { return out };
            bits = bits << 8 | u32::from(*byte);
            held = held.saturating_add(8);
        }
        held = held.saturating_sub(width);
        let code = (bits >> held & ((1 << width) - 1)) as usize;
        let start = out.len();
        match code {
            CLEAR => {
                stretches.clear();
                previous = None;
                width = 9;
                continue;
            }
            END => break,
            0..=255 => out.push(code as u8),
            _ => {
                let known = stretches.get(code.saturating_sub(END + 1)).copied();
                let Some((from, length)) =
                    known.or_else(|| previous.map(|(from, length)| (from, length.saturating_add(1))))
                else {
                    return out;
                };
                for at in from..from.saturating_add(length) {
                    let Some(byte) = out.get(at).copied() else { return out };
                    out.push(byte);
                }
            }
        }
        if let Some((from, length)) = previous
            && stretches.len() < 4096 - (END + 1)
        {
            stretches.push((from, length.saturating_add(1)));
        }
        previous = Some((start, out.len().saturating_sub(start)));
        let next =
            stretches.len().saturating_add(END + 1).saturating_add(1).saturating_add(usize::from(early));
        width = match next {
            0..=512 => 9,
            513..=1024 => 10,
            1025..=2048 => 11,
            _ => LZW_BITS_MAX,
        };
    }
    out.truncate(bytes_max);
    out
}

fn ascii_85(data: &[u8], bytes_max: usize) -> Vec<u8> {
    let mut out = Vec::new();
    let mut group: Vec<u32> = Vec::with_capacity(5);
    let flush = |group: &mut Vec<u32>, out: &mut Vec<u8>| {
        let given = group.len();
        if given > 1 {
            group.resize(5, 84);
            let value = group.iter().fold(0_u32, |sum, digit| sum.wrapping_mul(85).wrapping_add(*digit));
            out.extend(value.to_be_bytes().iter().take(given.saturating_sub(1)));
        }
        group.clear();
    };
    for byte in data {
        if out.len() >= bytes_max {
            break;
        }
        match byte {
            b'z' if group.is_empty() => out.extend([0; 4]),
            b'!'..=b'u' => {
                group.push(u32::from(byte - b'!'));
                if group.len() == 5 {
                    flush(&mut group, &mut out);
                }
            }
            b'~' => break,
            _ => {}
        }
    }
    flush(&mut group, &mut out);
    out
}

fn ascii_hex(data: &[u8], bytes_max: usize) -> Vec<u8> {
    let digits = data.iter().take_while(|b| **b != b'>').filter(|b| !is_space(**b));
    let digits: Vec<u8> =
        digits.filter_map(|b| super::object::hex_digit(*b)).take(bytes_max.saturating_mul(2)).collect();
    digits
        .chunks(2)
        .map(|pair| pair.iter().take(1).fold(0, |_, d| d << 4) | pair.get(1).unwrap_or(&0))
        .collect()
}

fn run_length(data: &[u8], bytes_max: usize) -> Vec<u8> {
    let mut out = Vec::new();
    let mut rest = data;
    while let Some((length, tail)) = rest.split_first()
        && out.len() < bytes_max
    {
        let length = usize::from(*length);
        match length {
            0..=127 => {
                let (run, behind) = tail.split_at_checked(length.saturating_add(1)).unwrap_or((tail, &[]));
                out.extend_from_slice(run);
                rest = behind;
            }
            128 => break,
            _ => {
                let Some((byte, behind)) = tail.split_first() else { break };
                out.resize(out.len().saturating_add(257_usize.saturating_sub(length)), *byte);
                rest = behind;
            }
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn unpacked(filter: &str, data: &[u8]) -> Option<Vec<u8>> {
        let dict = Dict::from([(b"Filter".to_vec(), Object::Name(filter.as_bytes().to_vec()))]);
        decode(data, &dict, 1_000)
    }

    #[test]
    fn every_filter_of_text_is_undone() {
        assert_eq!(unpacked("ASCIIHexDecode", b"48 65 6C6c 6F>zz").as_deref(), Some(b"Hello".as_slice()));
        assert_eq!(
            unpacked("ASCII85Decode", b"87cURD]i,\"Ebo80~>").as_deref(),
            Some(b"Hello World!".as_slice())
        );
        assert_eq!(unpacked("RunLengthDecode", b"\x01ab\xFEc\x80d").as_deref(), Some(b"abccc".as_slice()));
        // The example of ISO 32000-1, 7.4.4.2.
        let packed = [0x80, 0x0B, 0x60, 0x50, 0x22, 0x0C, 0x0C, 0x85, 0x01];
        assert_eq!(unpacked("LZWDecode", &packed).as_deref(), Some(b"-----A---B".as_slice()));
        let packed = miniz_oxide::deflate::compress_to_vec_zlib(b"Hello", 6);
        assert_eq!(unpacked("FlateDecode", &packed).as_deref(), Some(b"Hello".as_slice()));
        assert_eq!(unpacked("DCTDecode", b"x"), None);
    }

    #[test]
    fn a_bomb_is_unpacked_to_the_limit_only() {
        let once = miniz_oxide::deflate::compress_to_vec_zlib(&vec![0; 10_000_000], 6);
        assert_eq!(unpacked("FlateDecode", &once).map(|out| out.len()), Some(1_000));
        let twice = miniz_oxide::deflate::compress_to_vec_zlib(&once, 6);
        let dict = Dict::from([(
            b"Filter".to_vec(),
            Object::Array(vec![Object::Name(b"Fl".to_vec()), Object::Name(b"Fl".to_vec())]),
        )]);
        assert!(decode(&twice, &dict, 1_000).is_some_and(|out| out.len() <= 1_000));
        let runs = [0x81_u8, 7].repeat(10_000);
        assert!(unpacked("RunLengthDecode", &runs).is_some_and(|out| out.len() <= 1_128));
    }

    #[test]
    fn predicted_rows_are_restored() {
        let rows = miniz_oxide::deflate::compress_to_vec_zlib(&[2, 1, 2, 2, 1, 1, 1, 5, 1], 6);
        let parameters = Dict::from([
            (b"Predictor".to_vec(), Object::Number(12.0)),
            (b"Columns".to_vec(), Object::Number(2.0)),
        ]);
        let dict = Dict::from([
            (b"Filter".to_vec(), Object::Name(b"FlateDecode".to_vec())),
            (b"DecodeParms".to_vec(), Object::Dict(parameters)),
        ]);
        assert_eq!(decode(&rows, &dict, 100).as_deref(), Some([1, 2, 2, 3, 5, 6].as_slice()));
    }
}
