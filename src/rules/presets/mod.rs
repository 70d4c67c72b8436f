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
