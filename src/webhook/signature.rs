//! Signatures of Standard Webhooks 1.0, by the library that its authors keep.

use standardwebhooks::Webhook;
use std::fmt::Write;

/// Random bytes of a secret; the standard asks for 24 to 64.
pub const SECRET_BYTES: usize = 32;
/// Random bytes of a message's id: 128 bits do not meet by chance.
pub const MESSAGE_ID_BYTES: usize = 16;
/// How long a secret that was replaced still signs beside the new one, in milliseconds: a day to change the receiver.
pub const ROTATION_MS: u64 = 24 * 60 * 60 * 1_000;

/// The secret that these random bytes make: `whsec_` and base64.
#[must_use]
pub fn secret(random: [u8; SECRET_BYTES]) -> String {
    use base64::Engine;
    format!("whsec_{}", base64::engine::general_purpose::STANDARD.encode(random))
}

/// The id that these random bytes make; the same for every attempt and every replay, so that a receiver can tell repeats.
#[must_use]
pub fn message_id(random: [u8; MESSAGE_ID_BYTES]) -> String {
    random.iter().fold("msg_".to_owned(), |mut id, byte| {
        // Writing to a string cannot fail.
        let _ = write!(id, "{byte:02x}");
        id
    })
}

/// The three headers of one attempt. `secrets` are those that count now, the current one first; each gives a signature.
/// Fails when one of them is not base64, which `secret` never makes.
pub fn headers(
    secrets: &[String],
    message_id: &str,
    sent_at_s: i64,
    body: &str,
) -> Result<Vec<(&'static str, String)>, String> {
    let sign = |secret: &String| {
        let webhook = Webhook::new(secret).map_err(|e| e.to_string())?;
        webhook.sign(message_id, sent_at_s, body.as_bytes()).map_err(|e| e.to_string())
    };
    let signatures = secrets.iter().map(sign).collect::<Result<Vec<_>, _>>()?;
    Ok(vec![
        (standardwebhooks::HEADER_WEBHOOK_ID, message_id.to_owned()),
        (standardwebhooks::HEADER_WEBHOOK_TIMESTAMP, sent_at_s.to_string()),
        (standardwebhooks::HEADER_WEBHOOK_SIGNATURE, signatures.join(" ")),
    ])
}

#[cfg(test)]
mod tests {
    use super::*;

    /// From the standard's own tests.
    const SECRET: &str = "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD";

    #[test]
    fn the_published_example_gets_the_published_signature() {
        let body = r#"{"email":"test@example.com","username":"test_user"}"#;
        let id = "msg_27UH4WbU6Z5A5EzD8u03UvzRbpk";
        let headers = headers(&[SECRET.into()], id, 1_649_367_553, body).unwrap();
        assert_eq!(headers[0], ("webhook-id", id.into()));
        assert_eq!(headers[1], ("webhook-timestamp", "1649367553".into()));
        assert_eq!(headers[2].1, "v1,tZ1I4/hDygAJgO5TYxiSd6Sd0kDW6hPenDe+bTa3Kkw=");
    }

    #[test]
    fn while_a_secret_is_replaced_both_sign() {
        let new = secret([9; SECRET_BYTES]);
        let both = headers(&[new.clone(), SECRET.into()], "msg_1", 1, "{}").unwrap();
        let alone = headers(&[SECRET.into()], "msg_1", 1, "{}").unwrap();
        assert_eq!(both[2].1.split(' ').count(), 2);
        assert!(both[2].1.ends_with(&alone[2].1));
        assert!(new.starts_with("whsec_") && !message_id([1; MESSAGE_ID_BYTES]).contains('.'));
    }
}
