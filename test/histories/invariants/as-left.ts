import { differing, fieldsOf, Known } from './rows';
import { LABEL_PREFIX } from '../../../src/contract/labels';

/** Objects of others as their owners left them: the state that has to be there again after the last destroy. */
export class AsLeft {
  private readonly objects = new Map<string, Map<string, string>>();
  /** Objects of which somebody has changed what the handler keeps there to know what it found. */
  private readonly tampered = new Set<string>();

  public forget(id: string): void {
    this.objects.delete(id);
  }

  public knows(id: string): boolean {
    return this.objects.has(id);
  }

  /** Somebody else has written: what this changed is theirs from now on. */
  public written(was: Known | undefined, is: Known): void {
    const before = was ? fieldsOf(was) : new Map<string, string>();
    const after = fieldsOf(is);
    const mine = this.objects.get(is.id) ?? new Map<string, string>();
    this.objects.set(is.id, mine);
    for (const field of differing(before, after)) {
      if (field.startsWith(`labels.${LABEL_PREFIX}`)) {
        if (was) { this.tampered.add(is.id); }
        if (this.isOldLabel(field, is.id, was)) { set(mine, field, after.get(field)); }
      } else {
        set(mine, field, after.get(field));
      }
    }
  }

  /** A field that nobody can answer for, since two wrote it at the same moment. */
  public accept(is: Known, field: string): void {
    set(this.objects.get(is.id)!, field, fieldsOf(is).get(field));
  }

  public field(id: string, name: string): string | undefined {
    return this.objects.get(id)?.get(name);
  }

  /** Fields that are not as they were left. */
  public differences(now: Known): string[] {
    const mine = this.objects.get(now.id);
    if (!mine) { return []; }
    const fields = differing(mine, fieldsOf(now));
    return this.tampered.has(now.id) ? fields.filter(field => !field.startsWith('labels.')) : fields;
  }

  public isTampered(id: string): boolean {
    return this.tampered.has(id);
  }

  /** The library's labels on what the library never had (copies, forgeries) belong to whoever put them there. */
  private isOldLabel(field: string, id: string, was: Known | undefined): boolean {
    return !was || this.objects.get(id)!.has(field);
  }
}

function set(fields: Map<string, string>, name: string, value: string | undefined): void {
  if (value === undefined) { fields.delete(name); } else { fields.set(name, value); }
}
