//! The readable file that fills a realm: people, clients, photos.
