//! Questions about free addresses beyond their count: aligned blocks, the nth free, runs
//!
//! Each has an index that a subnet may keep (`Indices`), which does not change the answer.

use alloc::vec::Vec;
use core::net::IpAddr;

use ipnet::IpNet;

use crate::engine::Questions;
use crate::id::SubnetId;
use crate::space::address::Family;
use crate::space::aligned::{AlignedBlock, aligned_blocks};
use crate::space::free_runs::FreeRuns;
use crate::space::range::AddrRange;
use crate::state::subnet::Block;

/// How many free CIDRs a subnet has in one family, by prefix length
///
/// It counts only CIDRs that lie in no larger free CIDR.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct FreeBlocks {
    /// The family
    pub family: Family,
    /// Each prefix length that occurs, the shortest first, and how many there are
    pub maximal: Vec<(u8, u128)>,
    /// The same for the free space of prefix-only ranges
    pub prefix_only: Vec<(u8, u128)>,
}

impl FreeBlocks {
    /// The prefix length of the largest free CIDR outside prefix-only ranges
    pub fn largest(&self) -> Option<u8> {
        self.maximal.first().map(|&(len, _)| len)
    }

    /// How many CIDRs of a prefix length fit, in prefix-only ranges and outside; 2^128 saturates
    pub fn capacity(&self, prefix_len: u8) -> u128 {
        if prefix_len > self.family.bits() {
            return 0;
        }
        let all = self.maximal.iter().chain(&self.prefix_only);
        let within = all.filter_map(|&(len, count)| {
            let halvings = prefix_len.checked_sub(len)?;
            let each = 1u128.checked_shl(halvings.into());
            Some(each.map_or(u128::MAX, |each| count.saturating_mul(each)))
        });
        within.fold(0, u128::saturating_add)
    }
}

impl Questions {
    /// The best fit for a CIDR of this prefix length among the free addresses of a subnet
    ///
    /// This is the bottom of the smallest free CIDR that has room for it, and the lowest of several such CIDRs, so
    /// that larger ones stay whole. `None` if none has room, or if the subnet or family does not exist. Costs what
    /// [`Indices`](crate::Indices) says; its index is `blocks`.
    ///
    /// ```
    #[doc = include_str!("../example.txt")]
    /// // 10.0.0.0 to 10.0.0.5 are withheld or assigned, and so is 10.0.0.255.
    /// let free = |len| engine.free_block(subnet, Family::V4, len);
    /// assert_eq!(free(31), Some("10.0.0.6/31".parse()?));
    /// assert_eq!(free(27), Some("10.0.0.32/27".parse()?));
    /// assert_eq!(free(26), Some("10.0.0.64/26".parse()?));
    /// assert_eq!(free(25), None);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn free_block(&self, subnet: SubnetId, family: Family, prefix_len: u8) -> Option<IpNet> {
        let block = self.block(subnet, family)?;
        let order = u32::from(family.bits().checked_sub(prefix_len)?);
        let first = block.space.free_block(order)?;
        cidr(block, AlignedBlock { first, order })
    }

    /// The largest CIDR all of whose addresses are free, the lowest of several
    ///
    /// `None` if no address is free, or there is no such subnet and family. Costs what
    /// [`Indices`](crate::Indices) says; its index is `blocks`.
    ///
    /// ```
    #[doc = include_str!("../example.txt")]
    /// let largest = engine.largest_free_block(subnet, Family::V4);
    /// assert_eq!(largest, Some("10.0.0.64/26".parse()?));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn largest_free_block(&self, subnet: SubnetId, family: Family) -> Option<IpNet> {
        let block = self.block(subnet, family)?;
        cidr(block, block.space.largest_free_block()?)
    }

    /// The free CIDRs of a subnet, each as large as possible, in order
    ///
    /// They are the ranges of `free_ranges`, split at alignment boundaries, and leave out prefix-only ranges. `None`
    /// if there is no such subnet, or if it has no addresses of `family`. Each costs a step.
    ///
    /// ```
    #[doc = include_str!("../example.txt")]
    /// let free = engine.free_prefixes(subnet, Family::V4).unwrap();
    /// let free: Vec<_> = free.take(3).map(|of| of.to_string()).collect();
    /// assert_eq!(free, ["10.0.0.6/31", "10.0.0.8/29", "10.0.0.16/28"]);
    /// ```
    pub fn free_prefixes(
        &self,
        subnet: SubnetId,
        family: Family,
    ) -> Option<impl Iterator<Item = IpNet> + '_> {
        let block = self.block(subnet, family)?;
        let runs = block.space.free_runs(block.space.whole());
        Some(runs.flat_map(aligned_blocks).filter_map(|free| cidr(block, free)))
    }

    /// How many free CIDRs of each prefix length a subnet has
    ///
    /// `None` if there is no such subnet, or it has no addresses of `family`. Costs a look at each word of its
    /// bitmap and at each far run; with the index `blocks`, none at what is wholly free or not free at all.
    ///
    /// ```
    #[doc = include_str!("../example.txt")]
    /// // Free are 10.0.0.6 to 10.0.0.254.
    /// let free = engine.free_blocks(subnet, Family::V4).unwrap();
    /// assert_eq!(free.largest(), Some(26));
    /// assert_eq!(free.maximal.iter().map(|of| of.0).collect::<Vec<_>>(), [26, 27, 28, 29, 30, 31, 32]);
    /// assert_eq!((free.capacity(26), free.capacity(28), free.capacity(32)), (2, 14, 249));
    /// ```
    pub fn free_blocks(&self, subnet: SubnetId, family: Family) -> Option<FreeBlocks> {
        let space = &self.block(subnet, family)?.space;
        let by_len = |(order, count): (u32, u128)| {
            let len = family.bits().checked_sub(u8::try_from(order).ok()?)?;
            Some((len, count))
        };
        let maximal = space.block_counts().iter().filter_map(by_len).collect();
        let prefix_only = space.prefix_only().map(FreeRuns::block_counts);
        let prefix_only =
            prefix_only.iter().flat_map(|counts| counts.iter()).filter_map(by_len).collect();
        Some(FreeBlocks { family, maximal, prefix_only })
    }

    /// The free address of a subnet with exactly `n` free addresses below it
    ///
    /// `None` if there are fewer free addresses, or if the subnet or family does not exist. Costs what
    /// [`Indices`](crate::Indices) says; its index is `ranks`.
    ///
    /// ```
    #[doc = include_str!("../example.txt")]
    /// let nth = |n| engine.nth_free(subnet, Family::V4, n).map(|of| of.to_string());
    /// assert_eq!(nth(0).as_deref(), Some("10.0.0.6"));
    /// assert_eq!(nth(248).as_deref(), Some("10.0.0.254"));
    /// assert_eq!(nth(249), None);
    /// ```
    pub fn nth_free(&self, subnet: SubnetId, family: Family, n: u128) -> Option<IpAddr> {
        let block = self.block(subnet, family)?;
        block.space.nth_free(n).map(|offset| block.address(offset))
    }

    /// How many addresses of a range are free; 2^128 saturates
    ///
    /// `None` if the range does not lie within the subnet, or there is no such subnet. Costs what
    /// [`Indices`](crate::Indices) says; its index is `ranks`.
    ///
    /// ```
    #[doc = include_str!("../example.txt")]
    /// let range = AddrRange::new("10.0.0.0".parse()?, "10.0.0.9".parse()?)?;
    /// assert_eq!(engine.free_within(subnet, range), Some(4));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn free_within(&self, subnet: SubnetId, range: AddrRange) -> Option<u128> {
        let block = self.block(subnet, range.family())?;
        block.offsets(range).map(|span| block.space.free_within(span))
    }

    /// The longest range all of whose addresses are free, the lowest of several
    ///
    /// `None` if no address is free, or there is no such subnet and family. Costs what
    /// [`Indices`](crate::Indices) says; its index is `ranks`.
    ///
    /// ```
    #[doc = include_str!("../example.txt")]
    /// let longest = engine.longest_free_run(subnet, Family::V4);
    /// assert_eq!(longest, Some(AddrRange::new("10.0.0.6".parse()?, "10.0.0.254".parse()?)?));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn longest_free_run(&self, subnet: SubnetId, family: Family) -> Option<AddrRange> {
        let block = self.block(subnet, family)?;
        block.space.longest_free_run(block.space.whole()).map(|run| block.range(run))
    }
}

fn cidr(block: &Block, free: AlignedBlock) -> Option<IpNet> {
    let host_bits = u8::try_from(free.order).ok()?;
    IpNet::new(block.address(free.first), block.family.bits().checked_sub(host_bits)?).ok()
}
