//! Which hosts are on the public internet, as far as an address or a name can tell.

use super::Refusal;
use std::net::{Ipv4Addr, Ipv6Addr};
use url::Host;

/// Whether the host is a public address, or a name that can be one.
pub(super) fn judge_host(host: &Host<String>) -> Result<(), Refusal> {
    match host {
        Host::Ipv4(address) if is_public_v4(*address) => Ok(()),
        Host::Ipv6(address) if is_public_v6(*address) => Ok(()),
        Host::Domain(name) => judge_name(name),
        Host::Ipv4(_) | Host::Ipv6(_) => Err(Refusal::PrivateAddress { host: host.to_string() }),
    }
}

/// Blocks of IPv4 that are not the public internet, as first address and prefix length (IANA special-purpose registry),
/// and the one public-looking address at which a cloud answers its own machines.
const CLOSED_V4: [(Ipv4Addr, u32); 16] = [
    (Ipv4Addr::new(0, 0, 0, 0), 8),
    (Ipv4Addr::new(10, 0, 0, 0), 8),
    (Ipv4Addr::new(100, 64, 0, 0), 10),
    (Ipv4Addr::new(127, 0, 0, 0), 8),
    (Ipv4Addr::new(168, 63, 129, 16), 32),
    (Ipv4Addr::new(169, 254, 0, 0), 16),
    (Ipv4Addr::new(172, 16, 0, 0), 12),
    (Ipv4Addr::new(192, 0, 0, 0), 24),
    (Ipv4Addr::new(192, 0, 2, 0), 24),
    (Ipv4Addr::new(192, 88, 99, 0), 24),
    (Ipv4Addr::new(192, 168, 0, 0), 16),
    (Ipv4Addr::new(198, 18, 0, 0), 15),
    (Ipv4Addr::new(198, 51, 100, 0), 24),
    (Ipv4Addr::new(203, 0, 113, 0), 24),
    (Ipv4Addr::new(224, 0, 0, 0), 4),
    (Ipv4Addr::new(240, 0, 0, 0), 4),
];

fn is_public_v4(address: Ipv4Addr) -> bool {
    let bits = u32::from(address);
    !CLOSED_V4.iter().any(|(block, prefix)| (bits ^ u32::from(*block)).leading_zeros() >= *prefix)
}

/// What of IPv6 is handed out to the public: everything outside is local, mapped, translated or unassigned.
const GLOBAL_UNICAST: (Ipv6Addr, u32) = (Ipv6Addr::new(0x2000, 0, 0, 0, 0, 0, 0, 0), 3);
/// Blocks inside [`GLOBAL_UNICAST`] that are protocol machinery, documentation, or tunnels into IPv4.
const CLOSED_V6: [(Ipv6Addr, u32); 4] = [
    (Ipv6Addr::new(0x2001, 0, 0, 0, 0, 0, 0, 0), 23),
    (Ipv6Addr::new(0x2001, 0xdb8, 0, 0, 0, 0, 0, 0), 32),
    (Ipv6Addr::new(0x2002, 0, 0, 0, 0, 0, 0, 0), 16),
    (Ipv6Addr::new(0x3fff, 0, 0, 0, 0, 0, 0, 0), 20),
];

fn is_public_v6(address: Ipv6Addr) -> bool {
    // Covers `::ffff:a.b.c.d` and `::a.b.c.d`; `::` and `::1` become 0.0.0.0 and 0.0.0.1, which are closed.
    if let Some(inner) = address.to_ipv4() {
        return is_public_v4(inner);
    }
    let inside = |(block, prefix): &(Ipv6Addr, u32)| {
        (u128::from(address) ^ u128::from(*block)).leading_zeros() >= *prefix
    };
    inside(&GLOBAL_UNICAST) && !CLOSED_V6.iter().any(inside)
}

/// Endings that name something inside a machine or network: reserved by RFC 6761, 6762, 7686, 8375 and 9476, or by ICANN
/// (`internal`), or in wide private use; `arpa` holds address look-ups, and the last is a cloud's metadata host.
const LOCAL_SUFFIXES: [&str; 19] = [
    "localhost",
    "local",
    "internal",
    "arpa",
    "lan",
    "localdomain",
    "intranet",
    "corp",
    "home",
    "private",
    "invalid",
    "test",
    "onion",
    "alt",
    "svc",
    "consul",
    "docker",
    "kube",
    "metadata.goog",
];

/// Public zones whose names stand for an address written in them, or always for the own machine, or for two addresses
/// in turn.
const ADDRESS_ZONES: [&str; 19] = [
    "nip.io",
    "sslip.io",
    "xip.io",
    "traefik.me",
    "backname.io",
    "localtest.me",
    "lvh.me",
    "vcap.me",
    "fuf.me",
    "lacolhost.com",
    "localho.st",
    "localhost.direct",
    "local.gd",
    "smackaho.st",
    "127-0-0-1.org.uk",
    "spoofed.burpcollaborator.net",
    "1u.ms",
    "rbndr.us",
    "rebind.network",
];

fn judge_name(name: &str) -> Result<(), Refusal> {
    let lies_in =
        |zone: &str| name.strip_suffix(zone).is_some_and(|rest| rest.is_empty() || rest.ends_with('.'));
    if !name.contains('.') || LOCAL_SUFFIXES.iter().any(|zone| lies_in(zone)) {
        return Err(Refusal::LocalName { host: name.to_owned() });
    }
    if ADDRESS_ZONES.iter().any(|zone| lies_in(zone)) || spells_private_v4(name) {
        return Err(Refusal::PrivateAddress { host: name.to_owned() });
    }
    Ok(())
}

/// Whether four neighbouring numbers in the name, divided by dots or hyphens, make an address that is not public, as
/// in `10.0.0.1.example.com` and `app-10-0-0-1.example.com`.
fn spells_private_v4(name: &str) -> bool {
    let numbers: Vec<Option<u8>> = name.split(['.', '-']).map(|part| part.parse::<u8>().ok()).collect();
    numbers.windows(4).any(|window| match *window {
        [Some(a), Some(b), Some(c), Some(d)] => !is_public_v4(Ipv4Addr::new(a, b, c, d)),
        _ => false,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn v4(text: &str) -> bool {
        is_public_v4(text.parse().unwrap())
    }

    fn v6(text: &str) -> bool {
        is_public_v6(text.parse().unwrap())
    }

    #[test]
    fn closed_blocks_of_v4_end_where_their_prefix_ends() {
        for (last_open, first, last, next_open) in [
            ("9.255.255.255", "10.0.0.0", "10.255.255.255", "11.0.0.0"),
            ("100.63.255.255", "100.64.0.0", "100.127.255.255", "100.128.0.0"),
            ("126.255.255.255", "127.0.0.0", "127.255.255.255", "128.0.0.0"),
            ("168.63.129.15", "168.63.129.16", "168.63.129.16", "168.63.129.17"),
            ("169.253.255.255", "169.254.0.0", "169.254.255.255", "169.255.0.0"),
            ("172.15.255.255", "172.16.0.0", "172.31.255.255", "172.32.0.0"),
            ("191.255.255.255", "192.0.0.0", "192.0.0.255", "192.0.1.0"),
            ("192.0.1.255", "192.0.2.0", "192.0.2.255", "192.0.3.0"),
            ("192.88.98.255", "192.88.99.0", "192.88.99.255", "192.88.100.0"),
            ("192.167.255.255", "192.168.0.0", "192.168.255.255", "192.169.0.0"),
            ("198.17.255.255", "198.18.0.0", "198.19.255.255", "198.20.0.0"),
            ("198.51.99.255", "198.51.100.0", "198.51.100.255", "198.51.101.0"),
            ("203.0.112.255", "203.0.113.0", "203.0.113.255", "203.0.114.0"),
        ] {
            assert!(v4(last_open) && !v4(first) && !v4(last) && v4(next_open), "{first}");
        }
        assert!(!v4("0.255.255.255") && v4("1.0.0.0") && v4("223.255.255.255"));
        assert!(!v4("224.0.0.0") && !v4("239.255.255.255") && !v4("240.0.0.0") && !v4("255.255.255.255"));
    }

    #[test]
    fn of_v6_only_global_unicast_is_open() {
        for open in
            ["2000::1", "2001:200::1", "2001:4860:4860::8888", "2003::1", "2606:4700::1111", "3ffe::1"]
        {
            assert!(v6(open), "{open}");
        }
        for closed in [
            "1fff:ffff::1",
            "4000::1",
            "2001:0:1::1",
            "2001:1ff::1",
            "2001:db8:ffff::1",
            "2002::1",
            "3fff:fff::1",
            "64:ff9b::808:808",
            "fdff::1",
            "fe80::1",
            "ff0e::1",
            "::ffff:10.0.0.1",
            "::10.0.0.1",
            "::",
            "::1",
        ] {
            assert!(!v6(closed), "{closed}");
        }
        assert!(v6("::ffff:8.8.8.8") && v6("::8.8.8.8"));
    }
}
