"""The library bucket: keys, uploads, renditions, rejected files and public copies."""
