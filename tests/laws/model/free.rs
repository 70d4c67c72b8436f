//! Whether engine and model say the same of what is free

use ipam_core::ipnet::IpNet;
use ipam_core::{AddrRange, Family, Indices, SetIndices, SubnetId, Timestamp};

use super::compare::Session;
use super::subnet::{address, bits, ends, free_cidrs};

impl Session {
    /// Compares what is said of the free ranges of a subnet: with the indices it keeps, and with others
    pub(crate) fn compare_free(&self, id: SubnetId, family: Family, free: &[AddrRange]) {
        let cidr = self.world.subnets[&id].cidr(family).unwrap();
        let cidrs = free_cidrs(free);
        let usage = self.engine.at(self.engine.clock()).subnet_usage(id).unwrap();
        let prefix_only = usage.family(family).unwrap().prefix_only;
        let (first, last) = ends(cidr);
        let middle = first + (last - first) / 2;
        let total = free.iter().fold(0u128, |sum, range| sum.saturating_add(range.count()));
        let beyond = |range: &AddrRange| bits(range.last()) - bits(range.first());

        let mut other = self.engine.clone();
        let indices = match self.steps % 4 {
            0 => Indices::ALL,
            1 => Indices::NONE,
            2 => Indices::BLOCKS,
            _ => Indices::RANKS,
        };
        other.execute(Timestamp::ZERO, &SetIndices::new(id, indices).into()).unwrap();
        let mut best = vec![None; usize::from(family.bits()) + 1];
        for free in cidrs.iter().rev() {
            best[usize::from(free.prefix_len())] = Some(free.addr());
        }
        for len in 1..best.len() {
            best[len] = best[len].or(best[len - 1]);
        }
        let mut maximal = std::collections::BTreeMap::<u8, u128>::new();
        cidrs.iter().for_each(|free| *maximal.entry(free.prefix_len()).or_default() += 1);
        let maximal: Vec<(u8, u128)> = maximal.into_iter().collect();
        for engine in [&self.engine, &other] {
            let listed = engine.free_prefixes(id, family).unwrap();
            assert!(listed.eq(cidrs.iter().copied()), "the free CIDRs of {id}");
            let counted = engine.free_blocks(id, family).unwrap();
            assert_eq!(counted.maximal, maximal, "the free CIDRs of {id} by length");
            assert_eq!(counted.capacity(family.bits()), total.saturating_add(prefix_only));
            for (len, best) in (0u8..).zip(&best) {
                let best = best.map(|first| IpNet::new(first, len).unwrap());
                assert_eq!(engine.free_block(id, family, len), best, "a free /{len} of {id}");
            }
            assert_eq!(engine.free_block(id, family, family.bits() + 1), None);
            let largest = cidrs.iter().copied().min_by_key(|free| (free.prefix_len(), free.addr()));
            assert_eq!(engine.largest_free_block(id, family), largest, "the largest of {id}");

            for n in [0, 1, 2, 7, 62, 63, 64, 255, total / 2, total.saturating_sub(1), total] {
                let mut rest = n;
                let nth = free.iter().find_map(|range| match rest.checked_sub(range.count()) {
                    None => Some(address(family, bits(range.first()) + rest)),
                    Some(beyond) => {
                        rest = beyond;
                        None
                    }
                });
                // All of ::/0 is one range, of one address more than can be counted.
                let all = n == u128::MAX && free.len() == 1 && beyond(&free[0]) == n;
                let nth = if all { Some(address(family, n)) } else { nth };
                assert_eq!(engine.nth_free(id, family, n), nth, "the {n}th free of {id}");
            }
            for (low, high) in [(first, last), (first, middle), (middle, last), (middle, middle)] {
                let counts = free.iter().filter_map(|range| {
                    let (first, last) =
                        (bits(range.first()).max(low), bits(range.last()).min(high));
                    Some(last.checked_sub(first)?.saturating_add(1))
                });
                let count = counts.fold(0u128, u128::saturating_add);
                let range = AddrRange::new(address(family, low), address(family, high)).unwrap();
                assert_eq!(engine.free_within(id, range), Some(count), "free of {range}");
            }
            if let Some(above) = first.checked_sub(1) {
                let range = AddrRange::new(address(family, above), address(family, last)).unwrap();
                assert_eq!(engine.free_within(id, range), None, "{range} is not all of {id}");
            }
            let longest = free.iter().copied().reduce(|longest, range| {
                if beyond(&range) > beyond(&longest) { range } else { longest }
            });
            assert_eq!(engine.longest_free_run(id, family), longest, "the longest of {id}");
        }
    }
}
