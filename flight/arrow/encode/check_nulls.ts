/**
 * Checks that columns which are declared not nullable have no nulls.
 *
 * @module
 */
import { type Data, DataType, type Field } from "apache-arrow";

/**
 * Checks a column, and what is in it, in a batch of so many rows. A null inside of a
 * value does not count where the value itself is null, or where no row refers to it.
 *
 * @throws {TypeError} that names the column.
 */
export function checkNulls(field: Field, column: Data | undefined, rows: number): void {
  const present = column?.length ?? 0;
  const isAbsent = present < rows && !allowsNulls(field);
  if (!isAbsent && (column === undefined || !hasSuspect(field, column))) return;
  for (let row = 0; row < rows; row++) {
    const path = column === undefined ? field.name : findNull(field, column, row);
    if (path === undefined) continue;
    throw new TypeError(
      `Cannot encode the column "${path}": it is declared not nullable, and has nulls`,
    );
  }
}

/** Whether there is a field here that must have no nulls, and whose data have some. */
function hasSuspect(field: Field, data: Data): boolean {
  if (!allowsNulls(field) && countNulls(data) > 0) return true;
  if (DataType.isDictionary(field.type)) return false;
  return (field.type.children ?? []).some((child: Field, index: number) => {
    const childData = data.children[index];
    return childData !== undefined && hasSuspect(child, childData);
  });
}

/** The path to a null in this row that is not allowed; undefined when there is none. */
function findNull(field: Field, data: Data, row: number): string | undefined {
  if (!isValid(data, row)) return allowsNulls(field) ? undefined : field.name;
  const { type } = field;
  const { children } = data;
  if (DataType.isDictionary(type) || !(type.children?.length > 0)) return undefined;
  const visit = (index: number, from: number, to: number): string | undefined => {
    const child: Field = type.children[index];
    for (let inner = from; inner < to; inner++) {
      const path = findNull(child, children[index], inner);
      if (path !== undefined) return `${field.name}.${path}`;
    }
  };
  if (DataType.isUnion(type)) {
    const index = type.typeIdToChildIndex[data.typeIds[row]];
    if (index === undefined) return undefined;
    const place = DataType.isDenseUnion(type) ? Number(data.valueOffsets[row]) : row;
    return visit(index, place, place + 1);
  }
  if (DataType.isStruct(type)) {
    for (const index of children.keys()) {
      const path = visit(index, row, row + 1);
      if (path !== undefined) return path;
    }
    return undefined;
  }
  if (DataType.isFixedSizeList(type)) {
    return visit(0, row * type.listSize, (row + 1) * type.listSize);
  }
  return visit(0, Number(data.valueOffsets[row]), Number(data.valueOffsets[row + 1]));
}

/** A type of nothing but nulls has no other values, and a union none of its own. */
function allowsNulls({ nullable, type }: Field): boolean {
  return nullable || DataType.isNull(type) || DataType.isUnion(type);
}

function countNulls(data: Data): number {
  return data.nullCount + (data.dictionary?.nullCount ?? 0);
}

function isValid(data: Data, row: number): boolean {
  if (row >= data.length) return false;
  if (DataType.isUnion(data.type)) return true;
  if (!data.getValid(row)) return false;
  const { dictionary } = data;
  return dictionary === undefined || dictionary.nullCount === 0 ||
    dictionary.isValid(Number(data.values[row]));
}
