//! The dashboard as files: that browsers get them whole, keep them as long as they are true, and load nothing from elsewhere.

use std::collections::BTreeMap;
use std::io::Read;
use std::path::Path;

use flate2::read::GzDecoder;
use hyper::Method;
use hyper::header::{ACCEPT_ENCODING, IF_NONE_MATCH};

use crate::support::{Answer, Call, Metrics, Server, answering, in_front_of};

const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; \
                      form-action 'none'; frame-ancestors 'none'; base-uri 'none'";

/// The files as they are in the repository, by their paths below `dashboard/`.
fn files() -> BTreeMap<String, Vec<u8>> {
    fn walk(directory: &Path, name: &str, found: &mut BTreeMap<String, Vec<u8>>) {
        for entry in std::fs::read_dir(directory).expect("the directory").map(|entry| entry.expect("its entry")) {
            let name = format!("{name}/{}", entry.file_name().to_str().expect("UTF-8"));
            match entry.path() {
                path if path.is_dir() => walk(&path, &name, found),
                path => _ = found.insert(name, std::fs::read(path).expect("a file")),
            }
        }
    }
    let mut found = BTreeMap::new();
    walk(&Path::new(env!("CARGO_MANIFEST_DIR")).join("dashboard/assets"), "assets", &mut found);
    found
}

async fn get(server: &Server, target: &str) -> Answer {
    let answer = Call::get(target).send(server).await;
    assert_eq!(answer.status, 200, "{target}");
    answer
}

/// The page, and what stands for the hash of all files in the paths that it names.
async fn page(server: &Server) -> (String, String) {
    let html = String::from_utf8(get(server, "/").await.body.to_vec()).expect("UTF-8");
    let (_, after) = html.split_once("\"assets/").expect("the page loads files");
    let hash = after.split('/').next().expect("a hash").to_owned();
    assert!(hash.len() == 16 && hash.bytes().all(|byte| byte.is_ascii_hexdigit()), "{hash}");
    (html, hash)
}

/// What a document names as to be loaded or linked to.
fn references(html: &str) -> Vec<&str> {
    let parts = html.split(['<', ' ', '\n']);
    let values = parts.filter_map(|part| part.strip_prefix("src=\"").or_else(|| part.strip_prefix("href=\"")));
    values.filter_map(|value| value.split('"').next()).collect()
}

/// Where a file is served.
fn at(name: &str, hash: &str) -> String {
    format!("/{}", name.replacen("assets/", &format!("assets/{hash}/"), 1))
}

fn unzipped(answer: &Answer) -> Vec<u8> {
    let mut bytes = Vec::new();
    GzDecoder::new(&answer.body[..]).read_to_end(&mut bytes).expect("gzip");
    bytes
}

#[tokio::test]
async fn the_page_names_its_files_with_their_hash_and_is_asked_for_anew() {
    let server = Server::start();
    let (html, hash) = page(&server).await;
    let source = include_str!("../../dashboard/index.html");
    assert_eq!(html.replace(&format!("assets/{hash}/"), "assets/"), source);
    let assets: Vec<_> = references(&html).into_iter().filter(|reference| reference.starts_with("assets/")).collect();
    assert!(!assets.is_empty());
    for asset in assets {
        assert!(asset.starts_with(&format!("assets/{hash}/")), "{asset}");
        get(&server, &format!("/{asset}")).await;
    }

    let answer = get(&server, "/?view=releases&range=13").await;
    assert_eq!(answer.header("content-type"), "text/html; charset=utf-8");
    assert_eq!(answer.header("cache-control"), "no-cache");
    let tag = answer.header("etag");
    for (held, status) in [(tag, 304), ("\"other\"", 200), (&format!("\"other\", {tag}"), 304), ("*", 304)] {
        let answer = Call::get("/").header(IF_NONE_MATCH, held).send(&server).await;
        assert_eq!((answer.status, answer.header("etag"), answer.header("vary")), (status, tag, "accept-encoding"));
        assert_eq!(answer.header("cache-control"), "no-cache");
        assert_eq!(answer.body.is_empty(), status == 304);
    }
}

#[tokio::test]
async fn every_file_is_there_for_ever_plain_and_gzipped() {
    let server = Server::start();
    let (_, hash) = page(&server).await;
    for (name, content) in files() {
        let path = at(&name, &hash);
        let plain = get(&server, &path).await;
        assert_eq!(plain.body, content, "{name}");
        assert!(!plain.headers.contains_key("content-encoding"), "{name}");

        let call = Call::get(&path).header(ACCEPT_ENCODING, "br, gzip;q=0.8");
        let zipped = call.send(&server).await;
        assert_eq!((zipped.status, zipped.header("content-encoding")), (200, "gzip"), "{name}");
        assert_eq!(unzipped(&zipped), content, "{name}");

        for answer in [plain, zipped] {
            assert_eq!(answer.header("cache-control"), "public, max-age=31536000, immutable");
            assert_eq!(answer.header("vary"), "accept-encoding");
            assert_eq!(answer.header("content-security-policy"), POLICY);
            assert_eq!(answer.header("x-content-type-options"), "nosniff");
            let content_type = match name.rsplit_once('.').expect("an extension").1 {
                "js" => "text/javascript; charset=utf-8",
                "css" => "text/css; charset=utf-8",
                "svg" => "image/svg+xml",
                _ => "text/plain; charset=utf-8",
            };
            assert_eq!(answer.header("content-type"), content_type, "{name}");
        }
    }
}

#[tokio::test]
async fn browsers_are_told_what_the_page_may_do() {
    let server = Server::start();
    let answer = get(&server, "/").await;
    for (name, value) in [
        ("content-security-policy", POLICY),
        ("x-content-type-options", "nosniff"),
        ("referrer-policy", "no-referrer"),
        ("cross-origin-opener-policy", "same-origin"),
        ("vary", "accept-encoding"),
    ] {
        assert_eq!(answer.header(name), value);
    }
}

/// What loads from elsewhere tells others who looks, and is gone when they are. The policy would stop it in the browser.
#[test]
fn nothing_is_loaded_from_elsewhere() {
    let page = include_str!("../../dashboard/index.html");
    for reference in references(page) {
        assert!(!reference.contains("//"), "{reference}");
    }
    for (name, content) in files().into_iter().filter(|(name, _)| !name.starts_with("assets/vendor/")) {
        let text = String::from_utf8(content).expect("UTF-8").replace("http://www.w3.org/", "");
        let elsewhere = ["http://", "https://", "\"//", "'//", "(//", "@import"];
        for address in elsewhere {
            assert!(!text.contains(address), "{address} in {name}");
        }
    }
}

#[tokio::test]
async fn there_are_no_other_files_and_none_by_another_hash() {
    let server = Server::start();
    let (_, hash) = page(&server).await;
    let name = files().into_keys().next().expect("a file").replacen("assets/", "", 1);
    for path in [
        format!("/assets/{name}"),
        format!("/assets/0123456789abcdef/{name}"),
        format!("/assets/{hash}/{name}/"),
        format!("/assets/{hash}//{name}"),
        format!("/assets/{hash}/../{hash}/{name}"),
        format!("/assets/{hash}/../../Cargo.toml"),
        format!("/assets/{hash}/"),
    ] {
        Call::get(path).send(&server).await.refusal().assert_is(404, "not-found");
    }
}

#[tokio::test]
async fn head_tells_of_a_file_what_get_does() {
    let server = Server::start();
    for coding in ["identity", "gzip"] {
        let got = Call::get("/").header(ACCEPT_ENCODING, coding).send(&server).await;
        let head = Call::new(Method::HEAD, "/").header(ACCEPT_ENCODING, coding).send(&server).await;
        assert_eq!(head.status, 200);
        assert!(head.body.is_empty());
        for name in ["content-length", "content-type", "etag", "cache-control"] {
            assert_eq!(head.header(name), got.header(name), "{coding}");
        }
    }
}

/// An old service has nothing at `/`.
#[tokio::test]
async fn it_is_there_in_front_of_an_old_service_too() {
    let (url, heard) = answering("HTTP/1.1 204 No Content\r\n\r\n");
    let server = in_front_of(&url);
    let (html, _) = page(&server).await;
    assert!(html.contains("<title>Stationmaster</title>"), "{html}");
    assert!(heard.try_recv().is_err());
}

#[tokio::test]
async fn its_files_are_one_route_in_the_metrics() {
    let server = Server::start();
    let (_, hash) = page(&server).await;
    let files = files();
    for name in files.keys() {
        get(&server, &at(name, &hash)).await;
    }
    let metrics = Metrics::of(&server).await;
    assert_eq!(metrics.requests("GET", "/", "2xx"), 1.0);
    assert_eq!(metrics.requests("GET", "/assets/{*file}", "2xx"), files.len() as f64);
}

/// The limit of an address, as it is by default, leaves room for those who open it again and again.
#[tokio::test]
async fn an_address_may_open_it_several_times_at_once() {
    let server = Server::start_as(&["--trusted-proxy", "none"]);
    for _ in 0..3 {
        let (_, hash) = page(&server).await;
        for name in files().into_keys() {
            get(&server, &at(&name, &hash)).await;
        }
    }
}
