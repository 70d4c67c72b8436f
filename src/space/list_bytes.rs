//! Lists of addresses as bytes: those that the `codec` module's table calls *list*, in its forms

use ipnet::IpNet;

use super::address::{Family, PerFamily, Span, address_of};
use super::list::{AddrList, Offsets, touch};
use super::parts::Part;
use super::range::{AddrRange, Ends, Wide, last_of};
use super::scattered::{Scattered, words_of};
use crate::bytes::{Decode, Encode, Flaw, Read, Reader, Sink, follow, zigzag, zigzag64};

/// Head of a list that is one IPv4 address
const ONE_V4: u64 = 1;
/// Head of a list that is one IPv6 address
const ONE_V6: u64 = 2;
/// Head of a list by words
const WORDS: u64 = 3;
/// So many runs in one word of 64 addresses take as many bytes as the word
const RUNS: usize = 4;
/// How far a list by words reaches, at most
const FARTHEST: u128 = 1 << 37;

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
        if self.worth_words(|words| write_words(words, to)).is_some() {
            return;
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
            WORDS => return read_words(from),
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
        from.demand(list.worth_words(|_| ()).is_none(), Flaw::Tag)?;
        Ok(list)
    }
}

/// A list by words of 64 addresses, which are told from an address whose number is a multiple of 64
struct Words<'a> {
    family: Family,
    base: u128,
    count: usize,
    words: &'a mut dyn Iterator<Item = (u32, u64)>,
}

impl AddrList {
    /// Gives the list by words to `then` where that takes fewer bytes than runs do: ascending addresses of one family,
    /// with at least [`RUNS`] runs for each word that they lie in
    fn worth_words<T>(&self, then: impl FnOnce(Words<'_>) -> T) -> Option<T> {
        let most = self.run_count() / RUNS;
        if most == 0 {
            return None;
        }
        if let Some(Offsets { family, base, offsets }) =
            self.as_scattered().filter(|list| list.base % 64 == 0)
        {
            let (count, words) = (offsets.words(), &mut offsets.iter());
            let worth = count <= most;
            return worth.then(|| then(Words { family: *family, base: *base, count, words }));
        }
        let family = self.family()?;
        let spans = self.ranges().map(|run| run.span());
        let base = spans.clone().next()?.first & !63;
        let near = |span: Span| span.last.checked_sub(base).is_some_and(|last| last < FARTHEST);
        if !spans.clone().is_sorted_by(|low, high| low.last < high.first)
            || !spans.clone().all(near)
        {
            return None;
        }
        let from_base = |at: u128| at.saturating_sub(base);
        let offsets = spans
            .map(|Span { first, last }| Span { first: from_base(first), last: from_base(last) });
        let mut words = words_of(offsets);
        let count = words.clone().take(most.saturating_add(1)).count();
        (count <= most).then(|| then(Words { family, base, count, words: &mut words }))
    }
}

fn write_words(list: Words<'_>, to: &mut impl Sink) {
    to.number(WORDS);
    list.family.write(to);
    to.number(list.count as u64);
    // The word after the one before.
    let mut next = None;
    for (word, bits) in list.words {
        match next {
            None => to.wide((list.base / 64).saturating_add(word.into())),
            Some(next) => to.number(word.saturating_sub(next).into()),
        }
        to.word(bits);
        next = word.checked_add(1);
    }
}

fn read_words(from: &mut Reader<'_>) -> Read<AddrList> {
    let family = Family::read(from)?;
    let count = from.count(9)?;
    from.demand(count > 0, Flaw::Tag)?;
    let words = (count as u64).saturating_mul(size_of::<(u32, u64)>() as u64);
    from.spend(words.saturating_add(size_of::<Offsets>() as u64))?;
    let base = from.wide()?.checked_mul(64).filter(|&base| base <= last_of(family));
    let base = base.ok_or_else(|| from.flaw(Flaw::TooLarge))?;
    let room = last_of(family).saturating_sub(base) / 64;
    let mut offsets = Scattered::with_room(count);
    let mut next = 0u32;
    for index in 0..count {
        let apart = if index == 0 { 0 } else { from.number32()? };
        let word = next.checked_add(apart).filter(|&word| u128::from(word) <= room);
        let word = word.ok_or_else(|| from.flaw(Flaw::TooLarge))?;
        let bits = from.word()?;
        from.demand(bits != 0, Flaw::Tag)?;
        offsets.push(word, bits);
        next = word.saturating_add(1);
    }
    // Fewer runs are written as runs.
    let far = offsets.last().is_none_or(|last| last >= FARTHEST);
    from.demand(!far && offsets.run_count() / RUNS >= count, Flaw::Tag)?;
    Ok(AddrList::scattered(family, base, offsets))
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

#[cfg(test)]
mod tests {
    use alloc::collections::BTreeSet;
    use alloc::vec::Vec;

    use proptest::prelude::*;

    use super::*;
    use crate::bytes::DecodeLimits;

    const LIMITS: DecodeLimits = DecodeLimits::UNLIMITED;

    fn written(list: &AddrList) -> Vec<u8> {
        let mut bytes = Vec::new();
        list.write(&mut bytes);
        bytes
    }

    fn read(bytes: &[u8]) -> Read<AddrList> {
        let mut from = Reader::new(bytes, 0, LIMITS);
        let list = AddrList::read(&mut from)?;
        from.demand(from.left() == 0, Flaw::Short)?;
        Ok(list)
    }

    /// The same addresses as runs, and by words from a base
    fn forms(family: Family, base: u128, offsets: &BTreeSet<u16>) -> [AddrList; 2] {
        let spans = offsets.iter().map(|&at| Span::one(base.saturating_add(at.into())));
        let mut runs = AddrList::new();
        spans.for_each(|span| runs.push(AddrRange::of_span(family, span)));
        let mut words = Scattered::default();
        words_of(offsets.iter().map(|&at| Span::one(at.into())))
            .for_each(|(word, bits)| words.push(word, bits));
        [runs, AddrList::scattered(family, base, words)]
    }

    proptest! {
        #[test]
        fn equal_lists_have_equal_bytes_whatever_their_form(
            offsets in prop::collection::btree_set(0u16..400, 1..200),
            v6 in any::<bool>(),
            base in prop_oneof![Just(0u128), Just(64), Just(0x0a00_0040), Just(0x0a00_0020), 0u128..5000],
        ) {
            let family = if v6 { Family::V6 } else { Family::V4 };
            let [runs, words] = forms(family, base, &offsets);
            prop_assert_eq!(&runs, &words);
            let bytes = written(&runs);
            prop_assert_eq!(&bytes, &written(&words));
            let again = read(&bytes);
            prop_assert_eq!(again.as_ref(), Ok(&runs));
            prop_assert_eq!(again.map(|list| written(&list)), Ok(bytes.clone()));
            for end in 0..bytes.len() {
                prop_assert!(read(bytes.get(..end).unwrap_or_default()).is_err());
            }
            // By words exactly where those are few for the runs.
            let in_words: BTreeSet<u128> =
                offsets.iter().map(|&at| base.saturating_add(at.into()) / 64).collect();
            let by_words = bytes.first() == Some(&3);
            prop_assert_eq!(by_words, in_words.len().saturating_mul(RUNS) <= runs.run_count());
        }
    }

    #[test]
    fn what_is_written_otherwise_is_refused() {
        let four = 0b1_0101_0101u64;
        let words = |parts: &[(u64, u64)], count: u64| {
            let mut bytes = Vec::new();
            bytes.number(WORDS);
            Family::V4.write(&mut bytes);
            bytes.number(count);
            for &(apart, bits) in parts {
                bytes.number(apart);
                bytes.word(bits);
            }
            bytes
        };
        assert!(read(&words(&[(7, four)], 1)).is_ok());
        assert!(read(&words(&[(7, four), (0, four)], 2)).is_ok());
        // None; an empty word; too few runs; a run over two words that makes them too few; beyond the last address.
        for (parts, count) in [
            (&[][..], 0),
            (&[(7, 0)], 1),
            (&[(7, 0b1_0101)], 1),
            (&[(7, 1 << 63 | 0b101_0101), (0, four & !0b1_0100_0000)], 2),
            (&[(1 << 26, four)], 1),
            (&[((1 << 26) - 1, four), (0, four)], 2),
            (&[(7, four)], u64::MAX),
        ] {
            assert!(read(&words(parts, count)).is_err(), "{parts:?}");
        }
        // As runs, where words are fewer bytes.
        let mut runs = Vec::new();
        runs.number(5 << 2);
        for _ in 0..5 {
            runs.number(0);
            runs.number(2);
        }
        assert_eq!(read(&runs).map_err(|_| ()), Err(()));
    }
}
