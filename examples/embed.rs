//! The program that the README shows: an engine, a log, and a restart
//!
//! `cargo run --example embed`

use ipam_core::*;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let (mut engine, mut log) = (Engine::new(), Vec::new());
    let now = Timestamp::from_millis(1_700_000_000_000); // your clock
    let (vpc, subnet, eni) = ("vpc-1".parse()?, "subnet-1".parse()?, "eni-1".parse()?);
    for command in [
        CreateVpc::new(vpc).into(),
        CreateSubnet::new(subnet, vpc, Profile::AWS).v4("10.0.0.0/24".parse()?).into(),
        CreateInterface::new(eni, subnet).quota(10).into(),
        Assign::new(eni, Pick::any(2)).into(), // 10.0.0.4-10.0.0.5: AWS withholds the first four
    ] {
        let decision = engine.decide(now, &command)?; // an error has changed nothing
        let Some(event) = decision.event() else { continue };
        log.push(event.clone()); // your store; if it fails, return: nothing has changed
        engine.apply(event)?; // what is stored is now true
        println!("{command}: {}", decision.answer());
    }
    let mut restarted = Engine::new();
    log.iter().try_for_each(|event| restarted.apply(event))?;
    assert_eq!(restarted, engine);
    Ok(())
}
