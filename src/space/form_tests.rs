//! Every form of a set of numbers against one naive set, by one suite; and what each form costs

#![expect(clippy::arithmetic_side_effects, reason = "tests")]

use alloc::collections::BTreeSet;
use alloc::vec::Vec;

use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};

use super::address::Span;
use super::bitmap::Bitmap;
use super::sparse::Sparse;
use super::{Space, Usable};

/// What every form can do; numbers are relative to where the form begins
trait Form {
    /// Numbers that it has room for
    fn room(&self) -> u128;
    /// Makes more room, if that can be
    fn grow(&mut self, _times: u128) {}
    fn insert(&mut self, span: Span);
    fn remove(&mut self, span: Span);
    /// Adds numbers of one word that may be held already
    fn insert_mask(&mut self, word: u128, mask: u64);
    fn remove_mask(&mut self, word: u128, mask: u64);
    fn contains(&self, at: u128) -> bool;
    fn next_absent(&self, from: u128) -> Option<u128>;
    fn next_held(&self, from: u128) -> Option<u128>;
    fn corruption(&self) -> Option<&'static str>;
}

impl Form for Bitmap {
    fn room(&self) -> u128 {
        Self::room(self) as u128
    }
    fn grow(&mut self, times: u128) {
        let room = (Form::room(self) * times).min(1 << 25);
        Self::grow(self, room.ilog2());
    }
    fn insert(&mut self, span: Span) {
        if span.first == span.last {
            let absent = !Self::contains(self, span.first as usize);
            assert_eq!(self.insert_one(span.first as usize), absent);
        } else {
            Self::insert(self, span.first as usize, span.last as usize);
        }
    }
    fn remove(&mut self, span: Span) {
        if span.first == span.last {
            let held = Self::contains(self, span.first as usize);
            assert_eq!(self.remove_one(span.first as usize), held);
        } else {
            Self::remove(self, span.first as usize, span.last as usize);
        }
    }
    fn insert_mask(&mut self, word: u128, mask: u64) {
        let (word, held) = (word as usize, self.word(word as usize).unwrap_or(0));
        if held & mask != 0 {
            assert!(!self.claim_mask(word, mask), "some are held");
        }
        if mask != 0 {
            assert!(self.claim_mask(word, mask & !held));
        }
    }
    fn remove_mask(&mut self, word: u128, mask: u64) {
        let held = self.word(word as usize).unwrap_or(0);
        assert_eq!(Self::remove_mask(self, word as usize, mask), held & mask);
    }
    fn contains(&self, at: u128) -> bool {
        Self::contains(self, at as usize)
    }
    fn next_absent(&self, from: u128) -> Option<u128> {
        if from == 0 {
            assert_eq!(self.first_absent(), Self::next_absent(self, 0));
        }
        Self::next_absent(self, from as usize).map(|at| at as u128)
    }
    fn next_held(&self, from: u128) -> Option<u128> {
        Self::next_held(self, from as usize, usize::MAX).map(|at| at as u128)
    }
    fn corruption(&self) -> Option<&'static str> {
        Self::corruption(self)
    }
}

/// A sparse set that begins somewhere
struct From(u128, Sparse);

/// Numbers that are tried in forms without a limit of their own
const TRIED: u128 = 1 << 13;

impl From {
    fn span(&self, span: Span) -> Span {
        Span { first: self.0 + span.first, last: self.0 + span.last.min(self.room() - 1) }
    }
}

impl Form for From {
    fn room(&self) -> u128 {
        TRIED.min((u128::MAX - self.0).saturating_add(1))
    }
    fn insert(&mut self, span: Span) {
        self.1.insert(self.span(span));
    }
    fn remove(&mut self, span: Span) {
        self.1.remove(self.span(span));
    }
    fn insert_mask(&mut self, word: u128, mask: u64) {
        bits(word, mask).for_each(|at| Form::insert(self, Span::one(at)));
    }
    fn remove_mask(&mut self, word: u128, mask: u64) {
        bits(word, mask).for_each(|at| Form::remove(self, Span::one(at)));
    }
    fn contains(&self, at: u128) -> bool {
        self.1.get(self.0 + at).is_some()
    }
    fn next_absent(&self, from: u128) -> Option<u128> {
        let at = match self.1.get(self.0 + from) {
            Some(run) => run.last.checked_add(1)?,
            None => self.0 + from,
        };
        Some(at - self.0).filter(|&at| at < self.room())
    }
    fn next_held(&self, from: u128) -> Option<u128> {
        Some(self.1.next(self.0 + from)?.first.max(self.0 + from) - self.0)
    }
    fn corruption(&self) -> Option<&'static str> {
        self.1.corruption()
    }
}

/// A space, of which one part is seen
struct Part(u128, Space);

impl Part {
    fn new(first: u128, last: u128) -> Self {
        let usable = Usable { span: Span::new(0, last), hole: None };
        Self(first, Space::new(last, usable))
    }

    fn span(&self, span: Span) -> Span {
        Span { first: self.0 + span.first, last: self.0 + span.last.min(self.room() - 1) }
    }
}

impl Form for Part {
    fn room(&self) -> u128 {
        TRIED.min((self.1.whole().last - self.0).saturating_add(1))
    }
    fn insert(&mut self, span: Span) {
        let free: Vec<Span> = self.1.free_runs(self.span(span)).collect();
        free.into_iter().for_each(|run| self.1.take(run));
    }
    fn remove(&mut self, span: Span) {
        let taken: Vec<Span> = self.1.taken_runs(self.span(span)).collect();
        taken.into_iter().for_each(|run| self.1.give_back(run));
    }
    fn insert_mask(&mut self, word: u128, mask: u64) {
        let word = self.0 / 64 + word;
        let base = word * 64;
        let free = |at: &u128| self.1.next_free(*at) == Some(*at);
        let mask = bits(word, mask).filter(free).fold(0, |mask, at| mask | (1 << (at - base)));
        if let Ok(word) = u32::try_from(word) {
            assert!(self.1.are_vacant(word, mask));
            self.1.take_words([(word, mask)].into_iter());
            assert!(mask == 0 || !self.1.are_vacant(word, mask));
        } else {
            bits(word, mask).for_each(|at| self.1.take(Span::one(at)));
        }
    }
    fn remove_mask(&mut self, word: u128, mask: u64) {
        let word = self.0 / 64 + word;
        let base = word * 64;
        let taken = |at: &u128| self.1.taken_runs(Span::one(*at)).next().is_some();
        let held = bits(word, mask).filter(|&at| at <= self.1.whole().last).filter(taken);
        let mask = held.fold(0, |mask, at| mask | (1 << (at - base)));
        if let Ok(word) = u32::try_from(word) {
            self.1.give_back_words([(word, mask)].into_iter());
        } else {
            bits(word, mask).for_each(|at| self.1.give_back(Span::one(at)));
        }
    }
    fn contains(&self, at: u128) -> bool {
        self.1.taken_runs(Span::one(self.0 + at)).next().is_some()
    }
    fn next_absent(&self, from: u128) -> Option<u128> {
        let at = self.1.next_free(self.0.checked_add(from)?)? - self.0;
        if let Some((word, mask)) = self.1.free_words(self.0 + from).next() {
            let first = u128::from(word) * 64 + u128::from(mask.trailing_zeros());
            assert_eq!(first - self.0, at, "the first word with a free offset");
            assert!(first < self.1.near_end());
        } else {
            assert!(self.0 + at >= self.1.near_end(), "no near offset is free");
        }
        Some(at).filter(|&at| at < self.room())
    }
    fn next_held(&self, from: u128) -> Option<u128> {
        let span = Span { first: self.0 + from, ..self.1.whole() };
        Some(self.1.taken_runs(span).next()?.first - self.0)
    }
    fn corruption(&self) -> Option<&'static str> {
        let taken = super::address::joined(self.1.taken_runs(self.1.whole()).collect());
        self.1.corruption(&taken)
    }
}

fn bits(word: u128, mask: u64) -> impl Iterator<Item = u128> + Clone {
    (0..64).filter(move |bit| mask >> bit & 1 == 1).map(move |bit| word * 64 + bit)
}

/// A set as a whole or nothing, but for exceptions
#[derive(Default)]
struct Naive {
    room: u128,
    all: bool,
    but: BTreeSet<u128>,
}

impl Naive {
    fn set(&mut self, at: u128, held: bool) {
        if at < self.room {
            if held == self.all {
                self.but.remove(&at)
            } else {
                self.but.insert(at)
            };
        }
    }
    fn contains(&self, at: u128) -> bool {
        at < self.room && (self.all != self.but.contains(&at))
    }
    fn next(&self, from: u128, held: bool) -> Option<u128> {
        if held == self.all {
            (from..self.room).find(|at| !self.but.contains(at))
        } else {
            self.but.range(from..).next().copied()
        }
    }
    /// The numbers that came with more room are absent
    fn grow(&mut self, room: u128) {
        if self.all {
            let held: BTreeSet<u128> = (0..self.room).filter(|&at| self.contains(at)).collect();
            (self.all, self.but) = (false, held);
        }
        self.room = room;
    }
}

#[derive(Clone, Debug)]
enum Step {
    Insert(u128, u128),
    Remove(u128, u128),
    InsertMask(u128, u64),
    RemoveMask(u128, u64),
    All(bool),
    Grow(u128),
}

/// Numbers around the edges of words and levels, at the bottom and at the top, or anywhere
fn place() -> impl Strategy<Value = u128> {
    let edge = (0u32..5, 0u128..70, -2i128..3)
        .prop_map(|(level, times, off)| (times * 64u128.pow(level)).saturating_add_signed(off));
    prop_oneof![3 => 0u128..300, 4 => edge, 2 => any::<u128>(), 1 => (1u128..70).prop_map(|n| 0u128.wrapping_sub(n))]
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let more = prop_oneof![4 => Just(0u128), 3 => 0u128..4, 2 => 0u128..200, 1 => 0u128..5_000];
    let mask = prop_oneof![any::<u64>(), Just(u64::MAX), Just(0), Just(1), Just(1 << 63)];
    let step = prop_oneof![
        6 => (place(), more.clone()).prop_map(|(at, more)| Step::Insert(at, more)),
        6 => (place(), more).prop_map(|(at, more)| Step::Remove(at, more)),
        2 => (place(), mask.clone()).prop_map(|(at, mask)| Step::InsertMask(at, mask)),
        2 => (place(), mask).prop_map(|(at, mask)| Step::RemoveMask(at, mask)),
        1 => any::<bool>().prop_map(Step::All),
        1 => prop_oneof![Just(2u128), Just(4), Just(64)].prop_map(Step::Grow),
    ];
    prop::collection::vec(step, 1..60)
}

/// Runs the same steps on a form and on the naive set, and compares all that can be asked
fn run(form: &mut impl Form, steps: &[Step], probes: &[u128]) -> Result<(), TestCaseError> {
    let mut naive = Naive { room: form.room(), ..Naive::default() };
    for step in steps {
        let room = naive.room;
        // A place is a number, or counts from the top.
        let place = |at: u128| {
            if at > u128::MAX - 70 { room - (u128::MAX - at).min(room - 1) - 1 } else { at % room }
        };
        match *step {
            Step::Insert(at, more) | Step::Remove(at, more) => {
                let insert = matches!(step, Step::Insert(..));
                let span = Span { first: place(at), last: place(at) + more };
                if insert {
                    form.insert(span)
                } else {
                    form.remove(span)
                }
                (span.first..=span.last).for_each(|at| naive.set(at, insert));
            }
            Step::InsertMask(at, mask) | Step::RemoveMask(at, mask) => {
                let insert = matches!(step, Step::InsertMask(..));
                let word = place(at) / 64;
                // Numbers above the room are not for those that have none.
                let mask = bits(word, mask)
                    .filter(|&at| at < room)
                    .fold(0, |mask, at| mask | (1 << (at % 64)));
                if insert {
                    form.insert_mask(word, mask)
                } else {
                    form.remove_mask(word, mask)
                }
                bits(word, mask).for_each(|at| naive.set(at, insert));
            }
            Step::All(held) => {
                let whole = Span { first: 0, last: room - 1 };
                if held {
                    form.insert(whole)
                } else {
                    form.remove(whole)
                }
                (naive.all, naive.but) = (held, BTreeSet::new());
            }
            Step::Grow(times) if naive.room < 1 << 13 || !naive.all => {
                form.grow(times);
                naive.grow(form.room());
            }
            Step::Grow(_) => {}
        }
        prop_assert_eq!(form.corruption(), None, "after {:?}", step);
        prop_assert_eq!(form.next_absent(0), naive.next(0, false), "after {:?}", step);
    }
    let edges = naive.but.iter().take(25).flat_map(|&at| [at.saturating_sub(1), at, at + 1]);
    let probes: Vec<u128> = probes.iter().map(|at| at % naive.room).chain(edges).collect();
    for at in probes.into_iter().filter(|&at| at < naive.room) {
        prop_assert_eq!(form.contains(at), naive.contains(at), "{}", at);
        prop_assert_eq!(form.next_absent(at), naive.next(at, false), "from {}", at);
        prop_assert_eq!(
            form.next_held(at),
            naive.next(at, true).filter(|&at| at < naive.room),
            "from {}",
            at
        );
    }
    Ok(())
}

fn suite<F: Form>(cases: u32, make: impl Fn() -> F) {
    let probes = prop::collection::vec(place(), 20);
    let mut runner = TestRunner::new(Config::with_cases(cases));
    let tried = runner.run(&(steps(), probes), |(steps, probes)| run(&mut make(), &steps, &probes));
    assert!(
        tried.is_ok(),
        "{}",
        tried.err().map_or_else(Default::default, |error| alloc::format!("{error}"))
    );
}

fn bitmap(room: usize) -> Bitmap {
    let mut bitmap = Bitmap::default();
    Bitmap::grow(&mut bitmap, room.ilog2());
    bitmap
}

#[test]
fn an_inline_bitmap_is_a_set_also_as_it_becomes_a_tree() {
    suite(200, Bitmap::default);
}

#[test]
fn a_tree_of_every_height_is_a_set() {
    for room in [512, 4096, 8192, 1 << 18, 1 << 19] {
        suite(30, || bitmap(room));
    }
    suite(10, || bitmap(1 << 24));
    suite(5, || bitmap(1 << 25));
}

#[test]
fn far_numbers_are_a_set() {
    for first in [0, 1 << 64, u128::MAX - TRIED + 1, u128::MAX - 99] {
        suite(40, || From(first, Sparse::default()));
    }
}

#[test]
fn a_space_is_a_set_near_and_far_and_as_it_widens() {
    for (first, last) in [
        (0, 0),
        (0, 1),
        (0, 14),
        (0, 62),
        (0, 63),
        (0, 64),
        (0, 254),
        (0, 255),
        (0, 256),
        (0, 4095),
        (0, 1 << 20),
        (0, u128::MAX),
        (192, u128::MAX),
        (4096, u128::MAX),
        (1 << 32, u128::MAX),
        (u128::MAX - TRIED + 1, u128::MAX),
        ((1 << 38) - 4096, u128::MAX),
    ] {
        suite(20, || Part::new(first, last));
    }
}

#[test]
fn a_bitmap_notices_a_wrong_hint_and_a_wrong_summary() {
    for (room, summaries) in [(64, 1), (1 << 12, 1), (1 << 13, 2), (1 << 19, 3)] {
        let mut sound = bitmap(room);
        Bitmap::insert(&mut sound, 0, room.min(128) - 1);
        if room > 64 {
            Bitmap::insert(&mut sound, 200, 240);
        }
        assert_eq!(Bitmap::corruption(&sound), None);
        for wrong in [0, 3, 4, 200] {
            let mut bitmap = sound.clone();
            bitmap.force_hint(wrong);
            assert!(Bitmap::corruption(&bitmap).is_some(), "hint {wrong} of {room}");
        }
        let mut bitmap = sound.clone();
        bitmap.force_word();
        assert!(room == 64 || Bitmap::corruption(&bitmap).is_some(), "the word of {room}");
        let mut depth = 0;
        while bitmap.flip_summary(depth) {
            assert!(Bitmap::corruption(&bitmap).is_some(), "summary {depth} of {room}");
            bitmap = sound.clone();
            depth += 1;
        }
        assert!(depth >= summaries, "{depth} summaries of {room}");
    }
}

#[test]
fn a_sparse_set_notices_every_disorder() {
    let sound = || {
        let mut set = Sparse::default();
        for at in (0..600).map(|at| at * 3) {
            set.insert(Span::one(at));
        }
        set.insert(Span { first: 5_000, last: 6_000 });
        assert_eq!(set.corruption(), None);
        set
    };
    type Break = fn(&mut Sparse);
    let breaks: [(&str, Break); 3] = [
        ("a run of one", |set| set.runs.insert(Span::one(9_000), ())),
        ("a number beside a run", |set| _ = set.singles.insert(4_999, ())),
        ("a number in a run", |set| _ = set.singles.insert(5_500, ())),
    ];
    for (what, damage) in breaks {
        let mut set = sound();
        damage(&mut set);
        assert!(set.corruption().is_some(), "{what}");
    }
}

#[test]
fn numbers_by_themselves_become_runs_and_come_back() {
    let mut set = Sparse::default();
    let forms = |set: &Sparse| (set.singles.iter().count(), set.runs.iter().count());
    let top = u128::MAX;
    for at in [top - 4, top - 2, top, 0, 2] {
        set.insert(Span::one(at));
    }
    assert_eq!(forms(&set), (5, 0));
    set.insert(Span::one(top - 3));
    set.insert(Span::one(1));
    assert_eq!(forms(&set), (1, 2), "two singles and what lies between are one run");
    set.insert(Span::one(top - 1));
    assert_eq!(set.get(top), Some(Span { first: top - 4, last: top }));
    set.remove(Span { first: top - 3, last: top - 1 });
    set.remove(Span::one(1));
    assert_eq!((forms(&set), set.corruption()), ((4, 0), None));
    set.remove(Span { first: 0, last: top });
    assert!(set.is_empty());
}

#[cfg(target_pointer_width = "64")]
#[test]
fn a_space_is_small() {
    assert_eq!(size_of::<Bitmap>(), 40);
    assert_eq!(size_of::<Space>(), 80);
}

/// A bitmap, and the numbers that it should hold
type Twins = (Bitmap, BTreeSet<usize>);

fn is_same((bitmap, naive): &Twins) -> Result<(), TestCaseError> {
    prop_assert_eq!(Bitmap::corruption(bitmap), None);
    let mut at = 0;
    for &held in naive {
        prop_assert_eq!(Bitmap::next_held(bitmap, at, usize::MAX), Some(held));
        at = held + 1;
    }
    prop_assert_eq!(Bitmap::next_held(bitmap, at, usize::MAX), None);
    Ok(())
}

proptest! {
    #[test]
    fn a_bitmap_and_its_clones_never_see_each_others_writes(
        order in 6u32..16,
        steps in prop::collection::vec((0u8..9, any::<usize>(), 0u32..13, any::<u64>()), 1..80),
    ) {
        let mut others: Vec<Twins> = Vec::new();
        let (mut bitmap, mut naive): Twins = (bitmap(1 << order), BTreeSet::new());
        let room = bitmap.room();
        for (kind, at, length, mask) in steps {
            let at = at % room;
            let last = (at + (1 << length) - 1).min(room - 1);
            let (word, mask) = (at / 64, if at % 3 == 0 { u64::MAX } else { mask });
            let numbers = bits(word as u128, mask).map(|at| at as usize);
            match kind {
                0 => prop_assert_eq!(bitmap.insert_one(at), naive.insert(at)),
                1 => prop_assert_eq!(bitmap.remove_one(at), naive.remove(&at)),
                2 => {
                    Bitmap::insert(&mut bitmap, at, last);
                    naive.extend(at..=last);
                }
                3 => {
                    Bitmap::remove(&mut bitmap, at, last);
                    naive.retain(|held| !(at..=last).contains(held));
                }
                4 => {
                    bitmap.insert_masks(word, core::iter::repeat_n(mask, 70));
                    let end = (word + 70).min(room / 64);
                    let words = (word..end).flat_map(|word| bits(word as u128, mask));
                    naive.extend(words.map(|at| at as usize));
                }
                5 => {
                    let held = Bitmap::remove_mask(&mut bitmap, word, mask);
                    let had = numbers.filter(|at| naive.remove(at));
                    prop_assert_eq!(held, had.fold(0, |mask, at| mask | 1 << (at % 64)));
                }
                6 => {
                    let free = mask != 0 && numbers.clone().all(|at| !naive.contains(&at));
                    prop_assert_eq!(mask != 0 && bitmap.claim_mask(word, mask), free);
                    naive.extend(numbers.filter(|_| free));
                }
                7 => others.push((bitmap.clone(), naive.clone())),
                _ => {
                    let which = at % others.len().max(1);
                    if let Some((other, twin)) = others.get_mut(which) {
                        core::mem::swap(other, &mut bitmap);
                        core::mem::swap(twin, &mut naive);
                    }
                }
            }
            prop_assert_eq!(bitmap.first_absent(), (0..room).find(|at| !naive.contains(at)));
        }
        others.push((bitmap, naive));
        for twins in &others {
            is_same(twins)?;
        }
    }
}
