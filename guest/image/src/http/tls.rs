//! What TLS trusts: the public certificate authorities, and those the operator gave for this registry.

use std::sync::Arc;

use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use rustls::{ClientConfig, RootCertStore};

use crate::error::{PullError, PullOutcome, Reason};

pub fn client_configuration(extra_authorities_pem: &[u8]) -> PullOutcome<Arc<ClientConfig>> {
    let mut roots = RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.to_vec() };
    for certificate in CertificateDer::pem_slice_iter(extra_authorities_pem) {
        let unusable = |error: &dyn std::fmt::Display| {
            PullError::new(Reason::Unsupported, format!("a certificate given for the registry cannot be used: {error}"))
        };
        let certificate = certificate.map_err(|error| unusable(&error))?;
        roots.add(certificate).map_err(|error| unusable(&error))?;
    }
    let configuration = ClientConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(|error| PullError::new(Reason::Unsupported, format!("TLS cannot be set up: {error}")))?
        .with_root_certificates(roots)
        .with_no_client_auth();
    Ok(Arc::new(configuration))
}
