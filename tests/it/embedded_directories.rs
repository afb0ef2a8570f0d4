//! Which directories the embedded database takes, and which it refuses.

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use crate::support::{Home, ROUTER, Serving, get, publish, run};

#[tokio::test]
async fn a_directory_may_have_any_name() {
    let home = Home::new();
    let directory = home.path(r#"ü ✓"'%41&=?$HOME\;"#);
    let server = Serving::start(&mut home.serve_in(&directory));
    assert!(directory.join("run/.s.PGSQL.5432").exists(), "the socket is in it");
    publish(&server.admin(), ROUTER).await;
    server.stop();
    let server = Serving::start(&mut home.serve_in(&directory));
    get(&server.admin(), ROUTER).await.expect("still there");
}

#[tokio::test]
async fn a_path_too_long_for_a_socket_works_too() {
    let home = Home::new();
    let temporary = home.path("tmp");
    fs::create_dir(&temporary).expect("a directory");
    let deep = home.path("long-".repeat(30)).join("longer-".repeat(20));

    let server = Serving::start(home.serve_in(&deep).env("TMPDIR", &temporary));
    publish(&server.admin(), ROUTER).await;
    get(&server.admin(), ROUTER).await.expect("just published");
    assert_eq!(entries(&temporary), 1, "the socket's directory");
    server.stop();
    assert_eq!(entries(&temporary), 0, "nothing is left of it");
}

#[tokio::test]
async fn a_directory_in_use_is_refused_by_name() {
    let home = Home::new();
    let first = Serving::start(&mut home.serve());
    let complaint = run(&mut home.serve()).complaint(1);
    assert!(complaint.contains(&name(&home.data_dir().0)), "{complaint}");
    assert!(complaint.contains("in use by another stationmaster"), "{complaint}");
    assert!(complaint.contains("--data-dir"), "{complaint}");

    publish(&first.admin(), ROUTER).await;
    get(&first.admin(), ROUTER).await.expect("the first is not disturbed");
}

#[test]
fn a_directory_that_cannot_be_made_is_refused_by_name() {
    let home = Home::of_an_ordinary_user();
    let (above, below) = (home.path("closed"), home.path("closed/data"));
    fs::create_dir(&above).expect("a directory");
    fs::set_permissions(&above, Permissions::from_mode(0o555)).expect("close the directory");
    let complaint = run(&mut home.serve_in(&below)).complaint(1);
    assert!(complaint.contains(&format!("cannot create {}: Permission denied", name(&below))), "{complaint}");
}

#[test]
fn a_file_is_refused_by_name() {
    let home = Home::new();
    let file = home.path("file");
    fs::write(&file, "").expect("a file");
    let complaint = run(&mut home.serve_in(&file)).complaint(1);
    assert!(complaint.contains(&name(&file)), "{complaint}");
}

#[test]
fn a_directory_with_other_things_in_it_is_left_alone() {
    let home = Home::new();
    let photos = home.path("photos");
    fs::create_dir(&photos).expect("a directory");
    fs::write(photos.join("me.jpeg"), "").expect("a file");
    let before = fs::metadata(&photos).expect("there").permissions();

    let complaint = run(&mut home.serve_in(&photos)).complaint(1);
    assert!(complaint.contains(&format!("{} is not empty", name(&photos))), "{complaint}");
    assert_eq!(entries(&photos), 1);
    assert_eq!(fs::metadata(&photos).expect("there").permissions(), before);
}

/// As an error should name it.
fn name(directory: &Path) -> String {
    directory.display().to_string()
}

fn entries(directory: &Path) -> usize {
    fs::read_dir(directory).expect("a directory").count()
}
