// The vendored libraries come as classic scripts and put themselves here.
declare const d3: Record<string, any>;
declare const Plot: Record<string, any>;
declare const marked: { lexer(source: string, options?: { gfm?: boolean }): MarkedToken[] };

interface MarkedToken {
  type: string;
  raw: string;
  text?: string;
  depth?: number;
  href?: string;
  ordered?: boolean;
  start?: number | '';
  checked?: boolean;
  tokens?: MarkedToken[];
  items?: MarkedToken[];
  header?: MarkedToken[];
  rows?: MarkedToken[][];
}
