//! The presets, a file for each provider

mod alibaba;
mod aws;
mod azure;
mod gcp;
mod huawei;
mod kubernetes;
mod neutron;
mod oci;
mod oxide;
mod plain;
mod scaleway;
mod tencent;
mod zenlayer;

use crate::status::{Status, Statuses};

/// Neither being created nor being deleted
const MADE: Statuses =
    Statuses::of(&[Status::Available, Status::Attaching, Status::InUse, Status::Detaching]);

/// Every preset: its name, and the profile of that name
#[cfg(feature = "serde")]
macro_rules! by_name {
    ($($name:ident)*) => {
        /// The names of all presets
        pub(super) const NAMES: &[&str] = &[$(stringify!($name)),*];

        impl crate::rules::Profile {
            /// The preset of this name
            pub(super) fn preset(name: &str) -> Option<Self> {
                match name {
                    $(stringify!($name) => Some(Self::$name),)*
                    _ => None,
                }
            }
        }
    };
}

#[cfg(feature = "serde")]
by_name! {
    ALIBABA AWS AZURE GCP GCP_ALIAS HUAWEI KUBERNETES NEUTRON OCI OXIDE PLAIN SCALEWAY TENCENT ZENLAYER
}
