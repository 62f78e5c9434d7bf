//! Hashes that other implementations computed, each with its secret.
//!
//! - Argon2: argon2-cffi 25.1, which is the reference library in C:
//!   `argon2.low_level.hash_secret(secret, salt, time_cost, memory_cost, parallelism, hash_len,
//!   type, version)`. The rows without `v` are those of version 16 without this part, as the
//!   library wrote them before it knew of versions; in the last row, the parameters are in another
//!   order.
//! - bcrypt: bcrypt 5.0 for Python: `bcrypt.hashpw(secret, bcrypt.gensalt(cost, prefix))`; `$2y$`
//!   is what it wrote as `$2b$` and verifies as `$2y$`.
//! - PBKDF2 without names: passlib 1.7.4: `pbkdf2_sha256.using(rounds, salt).hash(secret)`.
//! - PBKDF2 with names: `hashlib.pbkdf2_hmac` of Python 3.11, written as a PHC string.

#[rustfmt::skip]
pub(super) const VECTORS: [(&str, &str); 45] = [
    ("gX1fBat3bV", "$argon2id$v=19$m=8,t=1,p=1$MDEyMzQ1Njc4OWFiY2RlZg$TkhJ4rQep9OyHyYjDf4OuuMPozovcLiMlbimeF714Gw"),
    ("gX1fBat3bV", "$argon2id$v=19$m=64,t=2,p=1$MTIzNDU2Nzg$uLQPuBKac/aW6r33UT6lHCPysTRl1v2wu3F8jCPn6+A"),
    ("gX1fBat3bV", "$argon2id$v=19$m=256,t=3,p=4$MDEyMzQ1Njc4OWFiY2RlZg$9J1Sv5D2CMQbN0E5K5l3iEGKFh+wb4HX"),
    ("gX1fBat3bV", "$argon2id$v=19$m=1024,t=10,p=16$eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4$gtpOTyphHVDhRnw7y5kgp5KAub1RldW7B9psfwHxnT0nuoNO3xTzNjE7zjtDF1fVMpi+KMg76NXdd9EhLwdrvg"),
    ("gX1fBat3bV", "$argon2id$v=19$m=99,t=2,p=3$MDEyMzQ1Njc4OWFiY2RlZg$tUFjDdonHnp9Om2JZO/daQ"),
    ("pässwörd ключ €", "$argon2id$v=19$m=32,t=2,p=2$MDEyMzQ1Njc4OWFiY2RlZg$4o/uFHZEHyafDhBxA0d5ZXr+dNmZkcNIXq3kZsGyJXc"),
    ("", "$argon2id$v=19$m=32,t=2,p=2$MDEyMzQ1Njc4OWFiY2RlZg$uAVBXk0UJ93HF8nS8M0aMfxphsi+6z4BKgXkV+ymz9I"),
    ("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", "$argon2id$v=19$m=32,t=2,p=2$MDEyMzQ1Njc4OWFiY2RlZg$AMOMCsaVo78g9f2ZpsSlsGP61gRaTjI0qxWG3U1bxWE"),
    ("gX1fBat3bV", "$argon2i$v=19$m=64,t=3,p=1$MDEyMzQ1Njc4OWFiY2RlZg$PbkLK7xeDTv8pyTfY+V1Qf7wrXWfgQt5dTDivo6WUDs"),
    ("gX1fBat3bV", "$argon2i$v=19$m=128,t=1,p=2$MDEyMzQ1Njc4OWFiY2RlZg$z8r7RTEituK4xvsFm7n8FNVHKIuVSyTRydgcOA2hd5M"),
    ("gX1fBat3bV", "$argon2d$v=19$m=64,t=3,p=1$MDEyMzQ1Njc4OWFiY2RlZg$lYKCeujRzQjTtqL0kkeDLMP82+3DQWSUvvene3L0NoY"),
    ("gX1fBat3bV", "$argon2d$v=19$m=128,t=1,p=4$MDEyMzQ1Njc4OWFiY2RlZg$78mhgrqYZFcMFvGo3exkaL8iPuT/tymafuFzJRxwEhY"),
    ("gX1fBat3bV", "$argon2id$v=16$m=64,t=3,p=2$MDEyMzQ1Njc4OWFiY2RlZg$hwwrNwuNAZ+HxDNaNNcjFJ/+z76dcsncuUXtQ3izKG4"),
    ("gX1fBat3bV", "$argon2i$v=16$m=64,t=3,p=2$MDEyMzQ1Njc4OWFiY2RlZg$GRy5M0NRQT9Rjh6oAgmbQiamU//Km6R35MN4mxpGDDU"),
    ("gX1fBat3bV", "$argon2d$v=16$m=64,t=3,p=2$MDEyMzQ1Njc4OWFiY2RlZg$nvNvdSEr5FphWvfbW5HnnJs+C1hhNkU/1mp03TEgTjo"),
    ("gX1fBat3bV", "$argon2id$m=64,t=3,p=2$MDEyMzQ1Njc4OWFiY2RlZg$hwwrNwuNAZ+HxDNaNNcjFJ/+z76dcsncuUXtQ3izKG4"),
    ("gX1fBat3bV", "$argon2i$m=64,t=3,p=2$MDEyMzQ1Njc4OWFiY2RlZg$GRy5M0NRQT9Rjh6oAgmbQiamU//Km6R35MN4mxpGDDU"),
    ("gX1fBat3bV", "$argon2id$v=19$p=4,t=3,m=256$MDEyMzQ1Njc4OWFiY2RlZg$9J1Sv5D2CMQbN0E5K5l3iEGKFh+wb4HX"),
    ("gX1fBat3bV", "$2a$04$RFD6MFR/KGSLVCfYBbN0pu1CQaCl2JqIIXIQqDLcoXAz2ZJSzArAW"),
    ("gX1fBat3bV", "$2b$04$S8EkAeRC7l2HoCxoywMXhud/4vHg/zNCNNS0s/7tniiDpYyMphpW2"),
    ("pässwörd ключ €", "$2a$04$XO50EK9bDSCk44syB41BqOqhbUDh8OM0OlCZBrjoqEWQQuuVl7s.O"),
    ("pässwörd ключ €", "$2b$04$fW1YIm2CKs4lK1ZLmIUNc.5TwDk7KZ80k7LSncNPafDEy3nSpKvpu"),
    ("bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb", "$2a$04$BEe3AySqF9I.pWz8gZtvbe1ieDh642ooKanfvcB8HLMOKhCyqjheS"),
    ("bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb", "$2b$04$MScE3CY1liB0z72wMSLk3.4atkGBlVqBVNoPT1Bp5cq2dXmCAkoUm"),
    ("", "$2b$04$Z0GAKXXp8PG10sGRkD8IwukoPGt2W4ht6k3ATlTn.wcXQdXGcdf6e"),
    ("gX1fBat3bV", "$2b$06$T2tOXdr.fef5H0JL2DzCaud.GJ5AdK9fN8VGB6CTrckKmyjNduxnK"),
    ("gX1fBat3bV", "$2y$05$Har7EOlLouuCYX4wSQgxluBAZVvAUTMwQLtWAGPB7rwtZGY5aDNSO"),
    ("gX1fBat3bV", "$pbkdf2-sha256$1000$MDEyMzQ1Njc4OWFiY2RlZg$gkaEuVGU32SZSfAA62CFOmwqO6WzqZAl.g70Qs5khKU"),
    ("gX1fBat3bV", "$pbkdf2-sha512$1000$MDEyMzQ1Njc4OWFiY2RlZg$bYcd9WLvvs5QiXPzPiaEtIjw0ELY2XkER8O8mN1hvOqnQ7EAhQCUvi3jeNVmspNOd5sGBouj2SgP9FXkQ7x3LA"),
    ("pässwörd ключ €", "$pbkdf2-sha256$1000$MDEyMzQ1Njc4OWFiY2RlZg$0YFz43xl9ZbdYgaYjyJB0nTlE7.RrOWiIkuoC3MlHeY"),
    ("pässwörd ключ €", "$pbkdf2-sha512$1000$MDEyMzQ1Njc4OWFiY2RlZg$kkuW6Os4Iyk96JhBbIxsM.6WyfhFQGvXQXco1jfyxAxFsYa0EjK8U8Jq0etiyupJCp.DNCccrkGJU10oa4uprg"),
    ("cccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccc", "$pbkdf2-sha256$1000$MDEyMzQ1Njc4OWFiY2RlZg$KVJV2/8lbujHcbR6M89Qsd5bXHdpT3LotXn/O5/CbnU"),
    ("ccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccc", "$pbkdf2-sha256$1000$MDEyMzQ1Njc4OWFiY2RlZg$OW3YTfQ4OO.VzwmDxH5ti3n8Llwqgv7L62t.FLbfIj4"),
    ("dddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddd", "$pbkdf2-sha256$1000$MDEyMzQ1Njc4OWFiY2RlZg$FK6OJf4oXxYfqDvT3MEXXlmq1087eUzfogGKEOs66tg"),
    ("dddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddd", "$pbkdf2-sha512$1000$MDEyMzQ1Njc4OWFiY2RlZg$p9Yi/FH8VZpBZoliwj2kBk14g2M.euHprEtbh29Hmy.pBbl6ERCBbhoifUHQhcaN/qXeRHa061IULBgy5pyqOw"),
    ("", "$pbkdf2-sha256$1000$MDEyMzQ1Njc4OWFiY2RlZg$1SowFvcyM8WmWKE5mw1mE6SzWhTrQkI1ozLfFjQpvY4"),
    ("gX1fBat3bV", "$pbkdf2-sha256$1$CIGwNuY8B4Dwfo9xDmFsLQ$CcRmLVpPM10DK7bQVtzorOzpGB9GkAQabbm3qNTP/fY"),
    ("gX1fBat3bV", "$pbkdf2-sha256$29000$........................$7AZrSXk3/DGPqwARiXNKkuqbMbwHCMylXWMQZJb.nps"),
    ("gX1fBat3bV", "$pbkdf2-sha256$i=1000,l=32$++++++++++++++++++++++++$hEf9Cm+nMw6KorCsj8fe1W9d/y6/4KUq9RUkGEmBguk"),
    ("gX1fBat3bV", "$pbkdf2-sha512$i=1000,l=64$++++++++++++++++++++++++$008WiDb31hK1w9fgu8WQnhQzq0on5zGOUxZzII9ZjhSKA33WnN2Gi0FlZjQPs6Nsqlytm5FEZFlaydkXQ/TyAg"),
    ("gX1fBat3bV", "$pbkdf2-sha512$l=32,i=1000$++++++++++++++++++++++++$008WiDb31hK1w9fgu8WQnhQzq0on5zGOUxZzII9ZjhQ"),
    ("gX1fBat3bV", "$pbkdf2-sha256$i=500$++++++++++++++++++++++++$xjm7KFj64hUlRKHTBmzL5fNZu5t9w2DdojLK6tGEnU0LiMxw6DnLIUh0aWdi+9Be3XGCAPuNVvnTpL3uCdoDSg"),
    ("gX1fBat3bV", "$pbkdf2-sha256$i=1$++++++++++++++++++++++++$tIZ+rS2gt65tOeSGisQ8fQ"),
    ("pässwörd ключ €", "$pbkdf2-sha256$i=1000$++++++++++++++++++++++++$bqHGlmnVmC3r8fkvRdpztN7rNvYB4qi7OLtUL8R/DNA"),
    ("gX1fBat3bV", "$pbkdf2-sha256$i=2000,l=33$++++++++++++++++++++++++$JkubTNtl91dIXdNvpytGAYgZFsi1+xjFlrYc8Fe0FYT3"),
];
