"""The library bucket: where objects lie, uploads, renditions, rejected files and public copies."""
