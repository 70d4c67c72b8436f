//! The presets, a file for each provider

mod aws;
mod kubernetes;
mod plain;
mod tencent;
mod zenlayer;
