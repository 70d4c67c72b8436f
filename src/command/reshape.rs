//! Changing the shape of a subnet: its CIDRs, its families, its rules

use core::fmt::{self, Display, Formatter};

use ipnet::{IpNet, Ipv4Net, Ipv6Net};

use crate::bytes::{encoded_choices, requests};
use crate::id::SubnetId;
use crate::rules::Profile;
use crate::text::when;

/// Change a subnet's CIDRs, its families or its profile
///
/// What the command does not name stays. The new shape is judged as a new subnet is: prefix lengths, the VPC's CIDRs,
/// other subnets, the gateway. The command is refused if an assigned or held address, or a reserved range, would lie
/// outside. Addresses in quarantine do not prevent it: the quarantine of those outside ends, as it does when a subnet
/// is deleted.
///
/// Interfaces keep their addresses, with their order and generations, even if the new rules withhold them. Such an
/// address is withheld once released; a [`strict`](Self::strict) command is refused instead. Holds keep what happens
/// at their deadline. An interface keeps what exceeds its quota. Once IPv4 is added, requests that name no family get
/// IPv4.
///
/// [`At::impact`](crate::At::impact) lists beforehand what the command would affect. The command costs a look at
/// everything that is in use in the subnet.
///
/// ```
/// use ipam_core::{Profile, Reshape};
///
/// let grow = Reshape::new("subnet-1".parse()?).v4("10.0.0.0/16".parse()?);
/// let dual_stack = Reshape::new("subnet-1".parse()?).v6("2001:db8::/64".parse()?);
/// let ipv6_only = Reshape::new("subnet-1".parse()?).without_v4().profile(Profile::AWS);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(deny_unknown_fields))]
pub struct Reshape {
    /// The subnet
    pub subnet: SubnetId,
    /// What happens to its IPv4 CIDR
    #[cfg_attr(feature = "serde", serde(default))]
    pub v4: NewCidr<Ipv4Net>,
    /// What happens to its IPv6 CIDR
    #[cfg_attr(feature = "serde", serde(default))]
    pub v6: NewCidr<Ipv6Net>,
    /// Its new profile; `None` keeps the present one
    #[cfg_attr(feature = "serde", serde(default))]
    pub profile: Option<Profile>,
    /// Whether the command is refused if the new rules withhold an assigned or held address that the old rules did
    /// not
    #[cfg_attr(feature = "serde", serde(default))]
    pub strict: bool,
}

/// What happens to a subnet's CIDR of one family
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub enum NewCidr<N> {
    /// It stays, or stays absent
    #[default]
    Kept,
    /// It is removed
    Dropped,
    /// It is set to this one, without host bits, whether or not there was one
    Set(N),
}

impl<N> NewCidr<N> {
    /// What is there in the place of `before`
    pub(crate) fn over(self, before: Option<N>) -> Option<N> {
        match self {
            Self::Kept => before,
            Self::Dropped => None,
            Self::Set(cidr) => Some(cidr),
        }
    }
}

impl Reshape {
    /// Changes nothing yet
    pub const fn new(subnet: SubnetId) -> Self {
        Self { subnet, v4: NewCidr::Kept, v6: NewCidr::Kept, profile: None, strict: false }
    }

    /// Sets the IPv4 CIDR, larger or smaller than before, or new
    #[must_use]
    pub const fn v4(mut self, cidr: Ipv4Net) -> Self {
        self.v4 = NewCidr::Set(cidr);
        self
    }

    /// Sets the IPv6 CIDR, larger or smaller than before, or new
    #[must_use]
    pub const fn v6(mut self, cidr: Ipv6Net) -> Self {
        self.v6 = NewCidr::Set(cidr);
        self
    }

    /// Sets the CIDR of its family
    #[must_use]
    pub const fn cidr(self, cidr: IpNet) -> Self {
        match cidr {
            IpNet::V4(cidr) => self.v4(cidr),
            IpNet::V6(cidr) => self.v6(cidr),
        }
    }

    /// Removes the IPv4 CIDR
    #[must_use]
    pub const fn without_v4(mut self) -> Self {
        self.v4 = NewCidr::Dropped;
        self
    }

    /// Removes the IPv6 CIDR
    #[must_use]
    pub const fn without_v6(mut self) -> Self {
        self.v6 = NewCidr::Dropped;
        self
    }

    /// Replaces the profile
    #[must_use]
    pub const fn profile(mut self, profile: Profile) -> Self {
        self.profile = Some(profile);
        self
    }

    /// Refuses the command if the new rules would withhold an assigned or held address
    #[must_use]
    pub const fn strict(mut self) -> Self {
        self.strict = true;
        self
    }
}

impl Display for Reshape {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let Self { subnet, v4, v6, profile, strict } = self;
        write!(f, "reshape subnet {subnet}{}{}", Becomes("IPv4", v4), Becomes("IPv6", v6))?;
        f.write_str(when(profile.is_some(), ", under other rules"))?;
        f.write_str(when(*strict, ", strictly"))
    }
}

/// What becomes of the addresses of a family, after a comma; nothing where they stay
struct Becomes<'n, N>(&'static str, &'n NewCidr<N>);

impl<N: Display> Display for Becomes<'_, N> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self(_, NewCidr::Kept) => Ok(()),
            Self(family, NewCidr::Dropped) => write!(f, ", without {family}"),
            Self(_, NewCidr::Set(cidr)) => write!(f, ", with {cidr}"),
        }
    }
}

requests! {
    Reshape { 1 subnet 2 v4: maybe 3 v6: maybe 4 profile: maybe 5 strict: maybe }
}

encoded_choices! {
    NewCidr<Ipv4Net> { 0 Kept 1 Dropped 2 Set(cidr) }
    NewCidr<Ipv6Net> { 0 Kept 1 Dropped 2 Set(cidr) }
}
