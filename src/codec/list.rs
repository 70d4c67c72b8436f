//! Lists of addresses as bytes: those that `codec`'s table calls *list*, in its four forms

use alloc::vec::Vec;

use ipnet::IpNet;

use super::reader::{Read, Reader};
use super::value::{Coded, last_of};
use super::write::{self, follow, zigzag};
use crate::error::Flaw;
use crate::space::address::{Family, PerFamily, Span, address_of};
use crate::space::list::{AddrList, touch};
use crate::space::parts::Part;
use crate::space::range::AddrRange;

impl Coded for AddrList {
    fn write(&self, out: &mut Vec<u8>) {
        if self.has_prefixes() {
            return write_parts(self, out);
        }
        let family = self.family();
        let form = match family {
            Some(Family::V4) => 0,
            Some(Family::V6) => 1,
            None if self.is_empty() => 0,
            None => 2,
        };
        write::number(out, ((self.run_count() as u64) << 2) | form);
        let mut at = PerFamily::<u128>::default();
        for run in self.ranges() {
            let Span { first, last } = run.span();
            let more = last.saturating_sub(first);
            match family {
                Some(_) => write::wide(out, more),
                None => {
                    out.push(u8::from(run.family() == Family::V6));
                    write::wide(out, more);
                }
            }
            let at = at.get_mut(run.family());
            write::wide(out, zigzag(*at, first));
            *at = last.wrapping_add(1);
        }
    }

    fn read(from: &mut Reader<'_>) -> Read<Self> {
        let head = from.number()?;
        let form = head & 3;
        let runs = usize::try_from(head >> 2).ok().filter(|&runs| runs <= from.left() / 2);
        let runs = runs.ok_or_else(|| from.flaw(Flaw::Short))?;
        from.demand(runs > 0 || form == 0, Flaw::Tag)?;
        if form == 3 {
            return read_parts(from, runs);
        }
        let mut list = match form {
            _ if runs < 2 => Self::new(),
            0 => {
                from.spend((runs as u64).saturating_mul(size_of::<[u32; 2]>() as u64))?;
                Self::with_room(Some(Family::V4), runs)
            }
            1 => {
                from.spend((runs as u64).saturating_mul(size_of::<[u128; 2]>() as u64))?;
                Self::with_room(Some(Family::V6), runs)
            }
            _ => {
                from.spend((runs as u64).saturating_mul(size_of::<AddrRange>() as u64))?;
                Self::with_room(None, runs)
            }
        };
        let mut at = PerFamily::<u128>::default();
        let mut met = PerFamily::<bool>::default();
        let mut before = None::<AddrRange>;
        for _ in 0..runs {
            let family = match form {
                0 => Family::V4,
                1 => Family::V6,
                _ => Family::read(from)?,
            };
            let more = from.wide()?;
            let first = follow(*at.get(family), from.wide()?);
            let span = first.checked_add(more).and_then(|last| Span::new(first, last));
            let span = span.filter(|span| span.last <= last_of(family));
            let span = span.ok_or_else(|| from.flaw(Flaw::TooLarge))?;
            let run = AddrRange::of_span(family, span);
            let touches = before.is_some_and(|before| touch(before, run));
            from.demand(!touches, Flaw::Apart)?;
            list.push(run);
            *at.get_mut(family) = span.last.wrapping_add(1);
            *met.get_mut(family) = true;
            before = Some(run);
        }
        from.demand(form < 2 || (met.v4 && met.v6), Flaw::Tag)?;
        Ok(list)
    }
}

/// Parts with a prefix among them: each its family, and 2 more if it is a prefix, then that one's length
fn write_parts(list: &AddrList, out: &mut Vec<u8>) {
    write::number(out, ((list.run_count() as u64) << 2) | 3);
    let mut at = PerFamily::<u128>::default();
    for part in list.parts() {
        let family = part.range().family();
        let Span { first, last } = part.range().span();
        out.push(u8::from(family == Family::V6) | (u8::from(part.is_prefix()) << 1));
        match part {
            Part::Prefix(prefix) => out.push(prefix.prefix_len()),
            Part::Addresses(_) => write::wide(out, last.saturating_sub(first)),
        }
        let at = at.get_mut(family);
        write::wide(out, zigzag(*at, first));
        *at = last.wrapping_add(1);
    }
}

fn read_parts(from: &mut Reader<'_>, count: usize) -> Read<AddrList> {
    // Doubled as it grows, and copied then.
    from.spend((count as u64).saturating_mul(size_of::<Part>() as u64).saturating_mul(3))?;
    let mut list = AddrList::new();
    let mut at = PerFamily::<u128>::default();
    let mut before = None::<AddrRange>;
    for _ in 0..count {
        let kind = from.byte()?;
        let family = match kind & 1 {
            0 => Family::V4,
            _ => Family::V6,
        };
        from.demand(kind < 4, Flaw::Tag)?;
        let part = if kind & 2 == 2 {
            let length = from.byte()?;
            let first = follow(*at.get(family), from.wide()?);
            from.demand(first <= last_of(family), Flaw::TooLarge)?;
            let prefix = IpNet::new(address_of(family, first), length).ok();
            let prefix = prefix.filter(|prefix| prefix.trunc() == *prefix);
            before = None;
            Part::Prefix(prefix.ok_or_else(|| from.flaw(Flaw::Cidr))?)
        } else {
            let more = from.wide()?;
            let first = follow(*at.get(family), from.wide()?);
            let span = first.checked_add(more).and_then(|last| Span::new(first, last));
            let span = span.filter(|span| span.last <= last_of(family));
            let run = AddrRange::of_span(family, span.ok_or_else(|| from.flaw(Flaw::TooLarge))?);
            from.demand(!before.is_some_and(|before| touch(before, run)), Flaw::Apart)?;
            before = Some(run);
            Part::Addresses(run)
        };
        *at.get_mut(family) = part.range().span().last.wrapping_add(1);
        list.push_part(part);
    }
    from.demand(list.has_prefixes(), Flaw::Tag)?;
    Ok(list)
}
