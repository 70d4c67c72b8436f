//! Lists of addresses as bytes: those that the `codec` module's table calls *list*, in its forms

use ipnet::IpNet;

use super::address::{Family, PerFamily, Span, address_of};
use super::list::{AddrList, touch};
use super::parts::Part;
use super::range::{AddrRange, Ends, Wide, last_of};
use crate::bytes::{Decode, Encode, Flaw, Read, Reader, Sink, follow, zigzag, zigzag64};

/// Head of a list that is one IPv4 address
const ONE_V4: u64 = 1;
/// Head of a list that is one IPv6 address
const ONE_V6: u64 = 2;

impl Encode for AddrList {
    #[inline]
    fn write(&self, to: &mut impl Sink) {
        match self.as_run().map(AddrRange::ends) {
            Some(Ends::V4([first, last])) if first == last => {
                to.first_of(&(u64::from(first) << 8 | ONE_V4).to_le_bytes(), 5);
            }
            Some(Ends::V6([first, last])) if first == last => {
                to.number(ONE_V6);
                to.first_of(&first.bits().to_le_bytes(), 16);
            }
            _ => self.write_runs(to),
        }
    }
}

impl AddrList {
    fn write_runs(&self, to: &mut impl Sink) {
        if self.has_prefixes() {
            return write_parts(self, to);
        }
        let family = self.family();
        let form = match family {
            Some(Family::V4) => 0,
            Some(Family::V6) => 1,
            None if self.is_empty() => 0,
            None => 2,
        };
        to.number(((self.run_count() as u64) << 2) | form);
        if form == 0 {
            return write_v4(self, to);
        }
        let mut at = PerFamily::<u128>::default();
        for run in self.ranges() {
            let Span { first, last } = run.span();
            let more = last.saturating_sub(first);
            match family {
                Some(_) => to.wide(more),
                None => {
                    to.byte(u8::from(run.family() == Family::V6));
                    to.wide(more);
                }
            }
            let at = at.get_mut(run.family());
            to.wide(zigzag(*at, first));
            *at = last.wrapping_add(1);
        }
    }
}

impl Decode for AddrList {
    fn read(from: &mut Reader<'_>) -> Read<Self> {
        let head = from.number()?;
        match head {
            ONE_V4 => {
                let first = u32::from_le_bytes(from.array()?);
                return Ok(Self::from(AddrRange::of(Ends::V4([first; 2]))));
            }
            ONE_V6 => {
                let first = Wide::new(u128::from_le_bytes(from.array()?));
                return Ok(Self::from(AddrRange::of(Ends::V6([first; 2]))));
            }
            _ => {}
        }
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
            // One address alone has a form of its own.
            from.demand(runs > 1 || more > 0, Flaw::Tag)?;
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

/// Runs of IPv4 addresses, whose numbers fit a word
fn write_v4(list: &AddrList, to: &mut impl Sink) {
    let mut at = 0u64;
    for run in list.ranges() {
        let Ends::V4([first, last]) = run.ends() else { continue };
        to.number(last.saturating_sub(first).into());
        to.number(zigzag64(at, first.into()));
        at = u64::from(last).saturating_add(1);
    }
}

/// Parts with a prefix among them: each its family, and 2 more if it is a prefix, then that one's length
fn write_parts(list: &AddrList, to: &mut impl Sink) {
    to.number(((list.run_count() as u64) << 2) | 3);
    let mut at = PerFamily::<u128>::default();
    for part in list.parts() {
        let family = part.range().family();
        let Span { first, last } = part.range().span();
        to.byte(u8::from(family == Family::V6) | (u8::from(part.is_prefix()) << 1));
        match part {
            Part::Prefix(prefix) => to.byte(prefix.prefix_len()),
            Part::Addresses(_) => to.wide(last.saturating_sub(first)),
        }
        let at = at.get_mut(family);
        to.wide(zigzag(*at, first));
        *at = last.wrapping_add(1);
    }
}

fn read_parts(from: &mut Reader<'_>, count: usize) -> Read<AddrList> {
    from.spend((count as u64).saturating_mul(size_of::<Part>() as u64))?;
    let mut list = AddrList::with_parts(count);
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
    from.demand(list.prefixes().next().is_some(), Flaw::Tag)?;
    Ok(list)
}
