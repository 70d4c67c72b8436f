//! Addresses, CIDRs and ranges as cases write them, and sets of them

use std::net::IpAddr;

use ipam_core::ipnet::IpNet;
use ipam_core::{AddrRange, Family};

/// A CIDR, masked
pub(crate) fn net(text: &str) -> Option<IpNet> {
    Some(text.parse::<IpNet>().ok()?.trunc())
}

/// An address, `a-b`, or a CIDR, masked
pub(crate) fn range(text: &str) -> Option<AddrRange> {
    if let Some((first, last)) = text.split_once('-') {
        return AddrRange::new(first.parse().ok()?, last.parse().ok()?).ok();
    }
    net(text).map(AddrRange::from).or_else(|| Some(AddrRange::one(text.parse().ok()?)))
}

/// The first `2^bits` addresses of a CIDR, or as many as it has
pub(crate) fn window(net: IpNet, bits: u128) -> AddrRange {
    let whole = AddrRange::from(net);
    let above = u32::try_from(bits).ok().and_then(|bits| 1u128.checked_shl(bits));
    lowest(whole, above.unwrap_or(u128::MAX)).unwrap_or(whole)
}

/// The lowest `count` addresses of a range, or as many as it has
pub(crate) fn lowest(range: AddrRange, count: u128) -> Option<AddrRange> {
    let (first, last) = ends(range);
    let end = first.saturating_add(count.checked_sub(1)?);
    of_ends(range.family(), first, end.min(last))
}

/// The highest `count` addresses of a range, or as many as it has
pub(crate) fn highest(range: AddrRange, count: u128) -> Option<AddrRange> {
    let (first, last) = ends(range);
    let start = last.saturating_sub(count.checked_sub(1)?);
    of_ends(range.family(), start.max(first), last)
}

/// What two ranges share
pub(crate) fn common(a: AddrRange, b: AddrRange) -> Option<AddrRange> {
    AddrRange::new(a.first().max(b.first()), a.last().min(b.last())).ok()
}

/// Ranges of one family as a set: ascending, disjoint, each as long as can be
pub(crate) fn unite(ranges: impl IntoIterator<Item = AddrRange>) -> Vec<AddrRange> {
    let mut ranges: Vec<AddrRange> = ranges.into_iter().collect();
    ranges.sort_unstable();
    let mut united: Vec<AddrRange> = Vec::new();
    for range in ranges {
        let (first, last) = ends(range);
        match united.pop() {
            None => united.push(range),
            Some(before) => {
                let (start, end) = ends(before);
                if first <= end.saturating_add(1) {
                    united.extend(of_ends(range.family(), start, end.max(last)));
                } else {
                    united.extend([before, range]);
                }
            }
        }
    }
    united
}

/// `range` without `holes`, which are ascending and disjoint
pub(crate) fn without(range: AddrRange, holes: &[AddrRange]) -> Vec<AddrRange> {
    let (first, last) = ends(range);
    let mut left = Vec::new();
    let mut from = Some(first);
    for (start, end) in holes.iter().filter_map(|&hole| common(range, hole)).map(ends) {
        let below = start.checked_sub(1);
        left.extend(from.zip(below).and_then(|(from, to)| of_ends(range.family(), from, to)));
        from = end.checked_add(1);
    }
    left.extend(from.and_then(|from| of_ends(range.family(), from, last)));
    left
}

fn ends(range: AddrRange) -> (u128, u128) {
    let bits = |address| match address {
        IpAddr::V4(address) => u32::from(address).into(),
        IpAddr::V6(address) => address.into(),
    };
    (bits(range.first()), bits(range.last()))
}

/// `None` when there is no address from `first` to `last`
fn of_ends(family: Family, first: u128, last: u128) -> Option<AddrRange> {
    let address = |bits: u128| match family {
        Family::V4 => Some(IpAddr::V4(u32::try_from(bits).ok()?.into())),
        Family::V6 => Some(IpAddr::V6(bits.into())),
    };
    AddrRange::new(address(first)?, address(last)?).ok()
}
