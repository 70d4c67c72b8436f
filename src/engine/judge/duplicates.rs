//! Lists that name an address twice, or two primaries of one family

use alloc::vec::Vec;
use core::net::IpAddr;

use crate::command::Wanted;
use crate::error::{AddressFault, AddressFaults, Cause, Error};
use crate::space::address::{Family, PerFamily};

/// Refuses a list that names an address twice, with every repetition
#[inline]
pub(in crate::engine) fn duplicates(
    addresses: impl ExactSizeIterator<Item = IpAddr> + Clone,
) -> Result<(), Error> {
    if addresses.len() < 2 { Ok(()) } else { any_duplicates(addresses) }
}

fn any_duplicates(addresses: impl Iterator<Item = IpAddr> + Clone) -> Result<(), Error> {
    if addresses.clone().is_sorted_by(|a, b| a < b) {
        return Ok(());
    }
    // Sorted by number, as most lists are of one family, several times as fast as by address and index.
    let v4 = |address| match address {
        IpAddr::V4(address) => Some(address.to_bits()),
        IpAddr::V6(_) => None,
    };
    let numbers: Option<Vec<u32>> = addresses.clone().map(v4).collect();
    if let Some(mut numbers) = numbers {
        numbers.sort_unstable();
        if numbers.is_sorted_by(|a, b| a < b) {
            return Ok(());
        }
    }
    let mut sorted: Vec<(IpAddr, usize)> = addresses.zip(0..).collect();
    sorted.sort_unstable();
    let mut faults = Vec::new();
    let mut first: Option<(IpAddr, usize)> = None;
    for (address, index) in sorted {
        match first {
            Some((same, first)) if same == address => {
                let cause = Cause::Duplicate { first };
                faults.push(AddressFault { index, address, cause });
            }
            _ => first = Some((address, index)),
        }
    }
    faults.sort_unstable_by_key(|fault| fault.index);
    AddressFaults::collect(faults)
}

/// Refuses a list with two primaries of one family
#[inline]
pub(in crate::engine) fn one_primary(list: &[Wanted]) -> Result<(), Error> {
    let mut primaries = PerFamily::<Option<usize>>::default();
    for (second, wanted) in list.iter().enumerate().filter(|(_, wanted)| wanted.primary) {
        let family = Family::of(wanted.address);
        if let Some(first) = primaries.get_mut(family).replace(second) {
            return Err(Error::TwoPrimaries { family, first, second });
        }
    }
    Ok(())
}
