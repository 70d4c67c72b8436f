//! Snapshots and logs that a forger made of valid ones, checksums and all
#![expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "tests")]

use ipam_core::{DecodeLimits, Engine, EventLog};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;

use super::counted::counted;
use super::{body, snapshot, written};
use crate::model::compare::run;
use crate::seal::{ENGINE, EVENT, sealed};

/// Forged snapshots, and as many forged logs
const FORGED: usize = 60_000;

/// Bytes that a forged snapshot may be made of at most
const MEMORY: u64 = 1 << 18;

/// SplitMix64
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    fn below(&mut self, bound: usize) -> usize {
        (self.next() % bound.max(1) as u64) as usize
    }

    /// Changes bytes in one place
    fn mutate(&mut self, bytes: &mut Vec<u8>, other: &[u8]) {
        let at = self.below(bytes.len());
        let end = (at + 1 + self.below(12)).min(bytes.len());
        match self.below(10) {
            _ if bytes.is_empty() => {}
            0 | 1 => bytes[at] ^= 1 << self.below(8),
            2 => bytes[at] = [0, 1, 0x7f, 0x80, 0xff, 3][self.below(6)],
            3 => bytes[at] = bytes[at].wrapping_add(1),
            4 => bytes[at] = bytes[at].wrapping_sub(1),
            5 => drop(bytes.drain(at..end)),
            6 => {
                let part = bytes[at..end].to_vec();
                bytes.splice(at..at, part);
            }
            7 => bytes[at..end].fill(0xff),
            8 => {
                let from = self.below(other.len());
                let to = (from + end - at).min(other.len());
                bytes.splice(at..end, other[from..to].iter().copied());
            }
            _ => bytes.insert(at, self.next() as u8),
        }
    }
}

/// The first sections' lengths made right again, so that a change of length is not all that is seen
fn relength(random: &mut Random, valid: &[u8], other: &[u8]) -> Vec<u8> {
    let mut sections = Vec::new();
    let mut rest = valid;
    while let [tag, length @ ..] = rest {
        let length = u64::from_le_bytes(length[..8].try_into().unwrap()) as usize;
        sections.push((*tag, rest[9..9 + length].to_vec()));
        rest = &rest[9 + length..];
    }
    for _ in 0..1 + random.below(3) {
        let at = random.below(sections.len());
        random.mutate(&mut sections[at].1, other);
    }
    let mut bytes = Vec::new();
    for (tag, section) in sections {
        bytes.push(tag);
        bytes.extend((section.len() as u64).to_le_bytes());
        bytes.extend(section);
    }
    bytes
}

#[test]
fn forged_snapshots_and_logs_are_refused_or_sound_within_their_memory() {
    let mut runner = TestRunner::deterministic();
    let mut random = Random(0x5eed);
    let mut sessions = Vec::new();
    for length in (0..48).map(|index| 100 + index * 40) {
        let bytes = vec(any::<u8>(), length).new_tree(&mut runner).unwrap().current();
        let session = run(&bytes);
        sessions.push((snapshot(&session.engine), session));
    }
    let limits = DecodeLimits::with_memory(MEMORY);
    let (mut accepted, mut most) = (0u32, 0);
    for index in 0..FORGED {
        let valid = body(&sessions[index % sessions.len()].0);
        let other = body(&sessions[random.below(sessions.len())].0);
        let forged = if index % 4 == 0 {
            let mut forged = valid.to_vec();
            random.mutate(&mut forged, other);
            forged
        } else {
            relength(&mut random, valid, other)
        };
        let forged = sealed(ENGINE, &forged);
        let (read, heap) = counted(|| Engine::decode(&forged, 1, &limits));
        assert!(heap.bytes_max <= MEMORY, "{} bytes at once", heap.bytes_max);
        most = most.max(heap.bytes_max);
        if let Ok(engine) = read {
            accepted += 1;
            let bound = 2 * heap.bytes_current as u64 + 2 * forged.len() as u64 + (1 << 20);
            assert!(heap.bytes_max <= bound);
            assert_eq!(engine.check(), Ok(()));
            assert_eq!(snapshot(&engine), forged);
        }
    }
    let (mut events, mut applied) = (0u32, 0u32);
    for index in 0..FORGED {
        let session = &sessions[index % sessions.len()].1;
        if session.log.is_empty() {
            continue;
        }
        // One event is forged, where the engine stands that it would be given to.
        let at = random.below(session.log.len().min(12));
        let valid = written(&session.log[at..=at]);
        let mut forged = body(&valid).to_vec();
        for _ in 0..1 + random.below(2) {
            let other = &sessions[random.below(sessions.len())].1.log;
            let other = written(&other[..other.len().min(1)]);
            random.mutate(&mut forged, &other);
        }
        let forged = sealed(EVENT, &forged);
        let (read, heap) = counted(|| EventLog::new(&forged, &limits).next().unwrap());
        assert!(heap.bytes_max <= MEMORY, "{} bytes at once", heap.bytes_max);
        let Ok(event) = read else { continue };
        events += 1;
        assert_eq!(written(std::slice::from_ref(&event)), forged);
        if index % 8 == 0 && crate::is_small(&event) {
            let mut engine = Engine::new();
            session.log[..at].iter().for_each(|event| engine.apply(event).unwrap());
            if engine.apply(&event).is_ok() {
                applied += 1;
                assert_eq!(engine.check(), Ok(()));
            }
        }
    }
    println!(
        "of {FORGED} snapshots {accepted} were sound, {most} bytes at most; of {FORGED} events {events} were read, {applied} of an eighth applied"
    );
    assert!(accepted > 1000 && events > 1000 && applied > 50);
}
