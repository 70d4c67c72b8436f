//! Answers, and whether they are those expected

use std::fmt;
use std::net::IpAddr;

use ipam_core::ipnet::IpNet;
use ipam_core::{AddrList, AddrRange, Cause, Error};

use crate::space;

/// What an operation came to
#[derive(Debug)]
pub(crate) enum Answer {
    Done,
    Noop,
    /// A kind of error
    Refused(&'static str),
    Addresses(AddrList),
    Ranges(Vec<AddrRange>),
    Prefixes(Vec<IpNet>),
    Number(u128),
    Flag(bool),
}

impl Answer {
    /// Whether this is what a case expects; `as_set` asks for the same addresses in any order
    pub(crate) fn is(&self, expect: &str, as_set: bool) -> bool {
        let listed = expect.strip_prefix("ok:");
        let wanted_count = listed.and_then(|list| list.strip_prefix('*'));
        match self {
            Self::Done => expect == "ok",
            Self::Noop => expect == "noop",
            Self::Refused(kind) => expect.strip_prefix("err:") == Some(*kind),
            Self::Number(number) => expect.parse() == Ok(*number),
            Self::Flag(flag) => expect.parse() == Ok(*flag),
            Self::Addresses(list) => match wanted_count {
                Some(count) => count.parse() == Ok(list.count()),
                None => listed.and_then(addresses).is_some_and(|mut wanted| {
                    if wanted.len() as u128 != list.count() {
                        return false;
                    }
                    let mut got: Vec<IpAddr> = list.iter().collect();
                    if as_set {
                        wanted.sort_unstable();
                        got.sort_unstable();
                    }
                    wanted == got
                }),
            },
            Self::Ranges(ranges) => match wanted_count {
                Some(count) => count.parse() == Ok(ranges.len()),
                None => listed.and_then(|list| items(list, space::range)).as_ref() == Some(ranges),
            },
            Self::Prefixes(prefixes) => match wanted_count {
                Some(count) => count.parse() == Ok(prefixes.len()),
                None => listed.and_then(|list| items(list, space::net)).as_ref() == Some(prefixes),
            },
        }
    }
}

fn addresses(list: &str) -> Option<Vec<IpAddr>> {
    items(list, |item| item.parse().ok())
}

fn items<T>(list: &str, item: impl Fn(&str) -> Option<T>) -> Option<Vec<T>> {
    list.split(',').filter(|text| !text.is_empty()).map(|text| item(text.trim())).collect()
}

impl fmt::Display for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Done => f.write_str("ok"),
            Self::Noop => f.write_str("noop"),
            Self::Refused(kind) => write!(f, "err:{kind}"),
            Self::Addresses(list) => write!(f, "ok:{list} ({} addresses)", list.count()),
            Self::Ranges(ranges) => write!(f, "ok:{ranges:?}"),
            Self::Prefixes(prefixes) => write!(f, "ok:{prefixes:?}"),
            Self::Number(number) => number.fmt(f),
            Self::Flag(flag) => flag.fmt(f),
        }
    }
}

/// The format's word for a refusal by the engine, in the subnet `net`; `None` if it has none
pub(crate) fn kind(error: &Error, net: IpNet) -> Option<&'static str> {
    Some(match error {
        Error::NothingAsked => "missing_parameter",
        Error::ZeroCount => "bad_count",
        Error::NoEffect(_) => "no_effect",
        Error::TwoPrimaries { .. } | Error::PrimaryExists { .. } => "primary_conflict",
        Error::InterfaceNotFound(_) => "no_such_interface",
        Error::Status { .. } => "nic_state",
        Error::FamilyUnsupported { .. } => "stack_type",
        Error::RangeOutside { .. } => "out_of_range",
        Error::SubnetOverlap { .. } | Error::ReservationOverlap { .. } => "overlap",
        Error::Quota { .. } => "quota",
        Error::Exhausted { .. } => "exhausted",
        Error::NoRun { .. } => "no_range",
        Error::Addresses(faults) => {
            let fault = faults.lowest();
            match fault.cause {
                Cause::Duplicate { .. } => "duplicate_in_batch",
                Cause::WrongFamily => "stack_type",
                Cause::OutOfRange => "out_of_range",
                Cause::NetworkAddress => "network_address",
                Cause::BroadcastAddress => "broadcast_address",
                // The engine says which rule withholds an address; the format goes by position first,
                // even where only the gateway or a `reserve` operation withholds it.
                Cause::Gateway | Cause::Reserved | Cause::AutoOnly | Cause::PrefixOnly
                    if fault.address == net.network() =>
                {
                    "network_address"
                }
                Cause::Gateway | Cause::Reserved | Cause::AutoOnly | Cause::PrefixOnly
                    if fault.address.is_ipv4() && fault.address == net.broadcast() =>
                {
                    "broadcast_address"
                }
                Cause::Gateway => "gateway",
                Cause::Reserved | Cause::AutoOnly | Cause::PrefixOnly => "reserved",
                // Another's primary is not there to be reassigned.
                Cause::InUse { .. } | Cause::InPrefix { .. } | Cause::IsPrimary => "in_use",
                Cause::Quarantined { .. } => "cooling",
                Cause::NotAssigned => "not_allocated",
                Cause::WrongOwner { .. } => "wrong_owner",
                _ => return None,
            }
        }
        _ => return None,
    })
}
