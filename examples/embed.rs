//! The program that the README shows: an engine, a log, and a restart
//!
//! `cargo run --example embed`

use ipam_core::*;

type Result<T = ()> = std::result::Result<T, Box<dyn std::error::Error>>;

fn serve(engine: &mut Engine, log: &mut Vec<Event>, command: Command) -> Result<AddrList> {
    let now = Timestamp::from_millis(1_700_000_000_000); // your clock
    let decision = engine.decide(now, &command)?; // refused: nothing has happened
    if let Some(event) = decision.event() {
        log.push(event.clone()); // your store; if it fails, return: nothing has happened
        engine.apply(event)?; // what is stored is now true
    }
    Ok(decision.answer().clone())
}

fn main() -> Result {
    let (mut engine, mut log) = (Engine::new(), Vec::new());
    let (vpc, subnet, eni) = ("vpc-1".parse()?, "subnet-1".parse()?, "eni-1".parse()?);
    let in_subnet = CreateSubnet::new(subnet, vpc, Profile::AWS).v4("10.0.0.0/24".parse()?);
    serve(&mut engine, &mut log, CreateVpc::new(vpc).into())?;
    serve(&mut engine, &mut log, in_subnet.into())?;
    serve(&mut engine, &mut log, CreateInterface::new(eni, subnet).quota(10).into())?;
    let two = serve(&mut engine, &mut log, Assign::new(eni, Pick::any(2)).into())?;
    println!("assigned {two}"); // 10.0.0.4-10.0.0.5: AWS withholds the first four
    let gateway = Pick::these(["10.0.0.1".parse::<std::net::IpAddr>()?]); // so this is refused (513)
    assert!(serve(&mut engine, &mut log, Assign::new(eni, gateway).into()).is_err());
    let mut restarted = Engine::new();
    log.iter().try_for_each(|event| restarted.apply(event))?;
    assert_eq!(restarted, engine);
    Ok(())
}
