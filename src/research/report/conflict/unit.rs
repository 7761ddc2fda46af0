//! What figures and units are worth: thousands, currencies, bytes, times, and number words.

use super::token::Token;

/// The unit that a token names, and how many of its base that is.
pub(super) fn unit_of(token: &Token) -> Option<(&'static str, f64)> {
    let bytes = |exponent: i32| Some(("byte", 1024_f64.powi(exponent)));
    // Capitals tell bytes from bits and a mega from a milli.
    match token.text.as_str() {
        "B" => return bytes(0),
        "KB" | "kB" | "KiB" => return bytes(1),
        "MB" | "MiB" => return bytes(2),
        "GB" | "GiB" => return bytes(3),
        "TB" | "TiB" => return bytes(4),
        "PB" | "PiB" => return bytes(5),
        "MW" => return Some(("watt", 1e6)),
        "mW" => return Some(("watt", 1e-3)),
        "Mb" | "Gb" | "Kb" => return None,
        _ => {}
    }
    const SECOND: f64 = 1e3;
    const DAY: f64 = 86_400.0 * SECOND;
    if let Some(currency) = currency(&token.folded) {
        return Some((currency, 1.0));
    }
    Some(match token.folded.as_str() {
        "%" | "percent" | "prozent" => ("%", 1.0),
        "x" | "×" if token.glued => ("times", 1.0),
        "times" | "fold" | "×" => ("times", 1.0),
        "people" | "inhabitants" | "residents" | "persons" => ("people", 1.0),
        "byte" | "bytes" => ("byte", 1.0),
        "kilobyte" | "kilobytes" => ("byte", 1024.0),
        "megabyte" | "megabytes" => ("byte", 1024.0 * 1024.0),
        "gigabyte" | "gigabytes" => ("byte", 1024.0 * 1024.0 * 1024.0),
        "terabyte" | "terabytes" => ("byte", 1024.0 * 1024.0 * 1024.0 * 1024.0),
        "kilowatt" | "kilowatts" => ("watt", 1e3),
        "megawatt" | "megawatts" => ("watt", 1e6),
        "gigawatt" | "gigawatts" => ("watt", 1e9),
        "ns" | "nanosecond" | "nanoseconds" => ("time", 1e-6),
        "µs" | "μs" | "us" | "microsecond" | "microseconds" if token.text != "US" => ("time", 1e-3),
        "ms" | "millisecond" | "milliseconds" => ("time", 1.0),
        "s" | "sec" | "secs" | "second" | "seconds" => ("time", SECOND),
        "min" | "mins" | "minute" | "minutes" => ("time", 60.0 * SECOND),
        "h" | "hr" | "hrs" | "hour" | "hours" => ("time", 3_600.0 * SECOND),
        "day" | "days" => ("time", DAY),
        "week" | "weeks" => ("time", 7.0 * DAY),
        "month" | "months" => ("time", 30.44 * DAY),
        "year" | "years" => ("time", 365.25 * DAY),
        "hz" => ("hertz", 1.0),
        "khz" => ("hertz", 1e3),
        "mhz" => ("hertz", 1e6),
        "ghz" => ("hertz", 1e9),
        "mm" => ("metre", 1e-3),
        "cm" => ("metre", 1e-2),
        "m" if !token.glued && token.text == "m" => ("metre", 1.0),
        "metre" | "metres" | "meter" | "meters" => ("metre", 1.0),
        "km" | "kilometre" | "kilometres" | "kilometer" | "kilometers" => ("metre", 1e3),
        "mile" | "miles" => ("metre", 1_609.344),
        "ft" | "feet" => ("metre", 0.3048),
        "mg" => ("gram", 1e-3),
        "g" | "gram" | "grams" => ("gram", 1.0),
        "kg" | "kilogram" | "kilograms" => ("gram", 1e3),
        "tonne" | "tonnes" => ("gram", 1e6),
        "lb" | "lbs" | "pound" | "pounds" => ("gram", 453.592),
        "w" | "watt" | "watts" if !token.glued || token.is("w") => ("watt", 1.0),
        "kw" => ("watt", 1e3),
        "gw" => ("watt", 1e9),
        "kwh" => ("watt hour", 1e3),
        "mwh" => ("watt hour", 1e6),
        "gwh" => ("watt hour", 1e9),
        "twh" => ("watt hour", 1e12),
        _ => return None,
    })
}

/// The value, and half a unit of its last written place. A comma before exactly three digits parts thousands.
pub(super) fn value_of(text: &str) -> Option<(f64, f64)> {
    let mut digits: String = text.chars().filter(|c| c.is_ascii_digit() || matches!(c, '.' | ',')).collect();
    if digits.contains(',') {
        let thousands = digits.split('.').next()?.split(',').skip(1).all(|part| part.len() == 3);
        digits = digits.replace(',', if thousands { "" } else { "." });
    }
    if digits.matches('.').count() > 1 {
        return Some((0.0, 0.0));
    }
    let value: f64 = digits.parse().ok()?;
    let grain = match digits.split_once('.') {
        Some((_, fraction)) => 0.5 / 10_f64.powi(i32::try_from(fraction.len()).ok()?.min(15)),
        None => {
            let zeros = digits.len() - digits.trim_end_matches('0').len();
            0.5 * 10_f64.powi(i32::try_from(zeros.min(digits.len().saturating_sub(1))).ok()?.min(15))
        }
    };
    Some((value, grain))
}

/// What a word behind a figure multiplies it by.
pub(super) fn scale_of(token: &Token) -> Option<f64> {
    Some(match token.folded.as_str() {
        "thousand" | "tausend" | "mille" => 1e3,
        "million" | "millions" | "millionen" | "mio" => 1e6,
        "billion" | "billions" | "bn" | "milliarden" | "milliards" | "mrd" => 1e9,
        "trillion" | "trillions" => 1e12,
        "k" if token.glued => 1e3,
        "m" if token.glued && token.is_capital() => 1e6,
        "b" if token.glued && token.is_capital() => 1e9,
        _ => return None,
    })
}

/// The currency that a sign or word names.
pub(super) fn currency(folded: &str) -> Option<&'static str> {
    Some(match folded {
        "$" | "usd" | "dollar" | "dollars" => "USD",
        "€" | "eur" | "euro" | "euros" => "EUR",
        "£" | "gbp" => "GBP",
        "¥" | "yen" | "jpy" => "JPY",
        _ => return None,
    })
}

/// The value of a number word from two to twelve; `one` is rarely a figure.
pub(super) fn number_word(folded: &str) -> Option<u32> {
    const WORDS: [&str; 11] =
        ["two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"];
    WORDS.iter().position(|w| *w == folded).and_then(|place| u32::try_from(place + 2).ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commas_part_thousands_or_decimals() {
        let value = |text: &str| value_of(text).map(|(value, _)| value);
        assert_eq!(value("1,754"), Some(1754.0));
        assert_eq!(value("1,234,567.5"), Some(1_234_567.5));
        assert_eq!(value("3,5"), Some(3.5));
        assert_eq!(value("1\u{202f}754"), Some(1754.0));
        assert_eq!(value_of("500"), Some((500.0, 50.0)));
        assert_eq!(value_of("1.77").map(|(_, grain)| grain < 0.006), Some(true));
    }
}
