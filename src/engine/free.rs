//! Questions about what is free beyond its count: aligned blocks, ranks, runs
//!
//! Each has an index that a subnet may keep (`Indices`); the answer is the same without.

use core::net::IpAddr;

use ipnet::IpNet;

use super::Engine;
use crate::id::SubnetId;
use crate::space::address::Family;
use crate::space::blocks::AlignedBlock;
use crate::space::range::AddrRange;
use crate::state::subnet::Block;

impl Engine {
    /// Where a CIDR of this prefix length fits best among the free addresses of a subnet
    ///
    /// That is the bottom of the smallest free CIDR that has room for it, the lowest of several, so that
    /// larger ones stay whole. `None` if none has room, or there is no such subnet and family. Costs
    /// what [`Indices`](crate::Indices) says; its index is `blocks`.
    ///
    /// ```
    #[doc = include_str!("example.txt")]
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
    #[doc = include_str!("example.txt")]
    /// let largest = engine.largest_free_block(subnet, Family::V4);
    /// assert_eq!(largest, Some("10.0.0.64/26".parse()?));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn largest_free_block(&self, subnet: SubnetId, family: Family) -> Option<IpNet> {
        let block = self.block(subnet, family)?;
        cidr(block, block.space.largest_free_block()?)
    }

    /// The free address of a subnet that has `n` free ones below it
    ///
    /// `None` if there are not so many, or there is no such subnet and family. Costs what
    /// [`Indices`](crate::Indices) says; its index is `ranks`.
    ///
    /// ```
    #[doc = include_str!("example.txt")]
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
    #[doc = include_str!("example.txt")]
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
    #[doc = include_str!("example.txt")]
    /// let longest = engine.longest_free_run(subnet, Family::V4);
    /// assert_eq!(longest, Some(AddrRange::new("10.0.0.6".parse()?, "10.0.0.254".parse()?)?));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn longest_free_run(&self, subnet: SubnetId, family: Family) -> Option<AddrRange> {
        let block = self.block(subnet, family)?;
        block.space.longest_free_run().map(|run| block.range(run))
    }
}

fn cidr(block: &Block, free: AlignedBlock) -> Option<IpNet> {
    let host_bits = u8::try_from(free.order).ok()?;
    IpNet::new(block.address(free.first), block.family.bits().checked_sub(host_bits)?).ok()
}
